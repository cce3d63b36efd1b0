"""Follows one event through every hop, and names the first where it is missing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import redis

from logging_pipeline import ranges
from logging_pipeline.accounting.account import Key
from logging_pipeline.accounting.on_the_way import given_here, identity, lines_in_redis
from logging_pipeline.accounting.stored import LedgerEntry, ledger_entries, search
from logging_pipeline.indexes import DEAD_LETTER, DISCARDED, stream_name
from logging_pipeline.journey.pack import Batch
from logging_pipeline.journey.take import LEASES
from logging_pipeline.settings import Settings

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["HOPS", "Sighting", "Trace", "trace"]

HOPS = ("numbered", "handed over", "streamed", "taken", "stored")
"""What has happened to an event, in order; each includes those before it."""

PASSES = 2
PAUSE_S = 2.0  # longer than the refresh interval of the data streams, or what was just written is not seen


@dataclass(frozen=True, slots=True)
class Sighting:
    """
    One place where the event was seen.

    Args:
        hop: the last of `HOPS` that this proves.
        what: the place, for people.
        at: when it came there, ISO 8601, UTC; empty where nothing tells.
    """

    hop: str
    what: str
    at: str = ""


@dataclass
class Trace:
    """
    What was found out about one event.

    Args:
        ended: how its journey ended: indexed, discarded, dead letter, dropped; empty while it has not.
        missing: the first of `HOPS` that it has not reached; empty when nothing is missing.
        cause: why it is missing there, as far as can be told.
        copies: how often it is indexed.
    """

    event_id: str
    sightings: list[Sighting] = field(default_factory=list)
    ended: str = ""
    missing: str = ""
    cause: str = ""
    lost: bool = False
    copies: int = 0

    @property
    def known(self) -> bool:
        """Whether anything has ever been seen of it."""
        return bool(self.sightings)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


def trace(
    event_id: str,
    settings: Settings,
    *,
    elasticsearch: Elasticsearch,
    redis_client: redis.Redis,
    sleep: Callable[[float], None] = time.sleep,
) -> Trace:
    """
    Look for *event_id* everywhere, in the direction of the journey; a second time when it is nowhere.

    Args:
        event_id: as in ``event.id``; one that another program made is looked for where events are stored.
        elasticsearch: with the user `logging_pipeline.indexes.roles.READER`.
        redis_client: of the logs' database.

    Raises:
        StoreUnavailable: Elasticsearch did not answer: nothing can be said.
        redis.RedisError: Redis did not answer: nothing can be said.
    """
    for attempt in range(PASSES):
        found = _Search(event_id, settings, elasticsearch, redis_client).run()
        if found.ended or (found.known and not found.lost) or attempt == PASSES - 1:
            break
        sleep(PAUSE_S)
    return found


class _Search:
    """One look at every hop."""

    def __init__(
        self, event_id: str, settings: Settings, elasticsearch: Elasticsearch, redis_client: redis.Redis
    ) -> None:
        self._settings = settings
        self._elasticsearch = elasticsearch
        self._redis = redis_client
        self._key, self._number = _parts(event_id)
        self._highest_seen = 0
        self._given = 0
        self._alive = False
        self.found = Trace(event_id)

    def run(self) -> Trace:
        """Everything that can be found out."""
        entry = LedgerEntry()
        if self._key is not None:
            numbered = self._numbered_here(self._key)
            self._in_spool(self._key)
            self._in_redis(self._key)
            ledger = stream_name(self._settings, "ledger")
            entry = ledger_entries(self._elasticsearch, ledger, self._key).get(self._key, entry)
            self._in_ledger(entry, already=numbered)
        self._stored()
        self._conclude(entry)
        return self.found

    def _saw(self, hop: str, what: str, at: str = "") -> None:
        self.found.sightings.append(Sighting(hop, what, at))

    def _numbered_here(self, key: Key) -> bool:
        self._alive, numbers = given_here(self._settings).get(key[0], (False, {}))
        self._given = numbers.get(key[1], 0)
        if self._given >= self._number:
            state = "its process runs" if self._alive else "its process is gone"
            self._saw("numbered", f"by a producer of this machine, which gave {self._given} numbers; {state}")
        return self._given >= self._number

    def _in_spool(self, key: Key) -> None:
        for path in sorted((self._settings.spool_dir / key[0]).glob("*.batch")):
            try:
                batch, made_s = Batch.from_bytes(path.read_bytes()), path.stat().st_mtime
            except (FileNotFoundError, ValueError):  # handed over meanwhile; or unreadable, which `doctor` tells
                continue
            if self._number in batch.numbers.get(key[1], ()):
                self._saw("numbered", f"in the spool: {path}", _iso(made_s))
                self.found.cause = "its batch waits on disk for the broker"

    def _in_redis(self, key: Key) -> None:
        wanted = self.found.event_id.encode()
        beginning = f"{key[0]}-{key[1]}-".encode()
        for place, line in lines_in_redis(self._redis, self._settings.queue):
            if beginning not in line:
                continue
            other, number = identity(line)
            if other == key:
                self._highest_seen = max(self._highest_seen, number)
            if wanted not in line or (other, number) != (key, self._number):
                continue
            hop, what, cause = _IN_REDIS[place.hop]
            lease = self._redis.zscore(LEASES, place.key) if place.hop == "processing" else None
            until = "" if lease is None else f", leased until {_iso(float(lease))}"
            self._saw(hop, f"{what} {place.key}{until}")
            self.found.cause = cause

    def _in_ledger(self, entry: LedgerEntry, *, already: bool) -> None:
        if not already and entry.numbered >= self._number:
            self._saw("numbered", f"by a producer whose ledger counts {entry.numbered} numbers")
        self._given = max(self._given, entry.numbered)
        for reason, dropped in entry.dropped.items():
            if ranges.intersect(dropped, [(self._number, self._number)]):
                self._saw("numbered", f"dropped on purpose, says the ledger: {reason}")
                self.found.ended = f"dropped ({reason})"

    def _stored(self) -> None:
        """In which backing indices: also of an event of another maker, whose id says nothing."""
        settings, event_id = self._settings, self.found.event_id
        query = {"bool": {"should": [{"ids": {"values": [event_id]}}, {"term": {"event.id": event_id}}]}}
        everywhere = f"logs-{settings.app}.*-{settings.namespace}"
        hits = search(self._elasticsearch, everywhere, {"size": 100, "query": query, "sort": ["@timestamp"]})
        first = True
        for hit in hits["hits"]["hits"]:
            source, index = hit["_source"], hit["_index"]
            if first and (producer := source.get("service", {}).get("name")):
                host = source.get("host", {}).get("name", "?")
                self._saw("numbered", f"logged by {producer} on {host}", source["@timestamp"])
                if created := source.get("event", {}).get("created"):
                    self._saw("numbered", "packed into a batch", created)
                first = False
            self._tell_stored(index, source)
        self.found.copies = sum(_is_of(hit["_index"], settings, None) for hit in hits["hits"]["hits"])
        if self._key is not None and not hits["hits"]["hits"]:
            self._find_later_ones(self._key)

    def _tell_stored(self, index: str, source: dict[str, Any]) -> None:
        settings = self._settings
        if _is_of(index, settings, DEAD_LETTER):
            told, error = source.get("dead_letter", {}), source.get("error", {})
            why = f"{told.get('reason')}: {error.get('type')}: {error.get('message')}"
            self._saw("stored", f"dead letter in {index}, {why}", source["@timestamp"])
            self.found.ended = self.found.ended or "dead letter"
        elif _is_of(index, settings, DISCARDED):
            reason = source.get("discard", {}).get("reason")
            self._saw("stored", f"put aside by a pipeline in {index}: {reason}", _ingested(source))
            self.found.ended = "discarded"
        else:
            self._saw("stored", f"indexed in {index}", _ingested(source))
            self.found.ended = "indexed"

    def _find_later_ones(self, key: Key) -> None:
        body = {
            "size": 1,
            "sort": [{"event.sequence": "desc"}],
            "_source": ["event.sequence"],
            "query": {"term": {"agent.ephemeral_id": key[0]}},
        }
        hits = search(self._elasticsearch, stream_name(self._settings, key[1]), body)["hits"]["hits"]
        if hits:
            self._highest_seen = max(self._highest_seen, hits[0]["_source"]["event"]["sequence"])

    def _conclude(self, entry: LedgerEntry) -> None:
        found = self.found
        if self._key is not None and not found.known and self._highest_seen > self._number:
            self._saw("numbered", f"by a producer of whom later events are known, up to {self._highest_seen}")
        found.sightings.sort(key=lambda sighting: (HOPS.index(sighting.hop), sighting.at))
        if not found.known and self._given:
            found.cause = f"its producer has given no more than {self._given} numbers of this category"
        if found.ended or not found.known:
            return
        reached = max(HOPS.index(sighting.hop) for sighting in found.sightings)
        found.missing = HOPS[reached + 1]
        if found.cause:
            return
        if self._alive and self._highest_seen < self._number:
            found.cause = "it is in the memory of its process, or on its way out of it"
            return
        found.lost = True
        if entry.handed_over >= self._number:
            found.missing = "streamed"
            found.cause = "the broker had it" + (", or the disk" if entry.spooled else "") + ", and nobody after"
        else:
            found.cause = "its process ended, or was killed, before it handed it over"


_IN_REDIS = {
    "queue": ("handed over", "in the broker's queue", "no worker has taken its batch yet"),
    "worker": ("handed over", "in a worker's hands:", "its worker has not streamed it yet, or was killed"),
    "list": ("streamed", "in the list", "no consumer has taken it yet"),
    "processing": ("taken", "in a consumer's hands:", "its consumer has not written it yet, or was killed"),
}


def _parts(event_id: str) -> tuple[Key | None, int]:
    producer, _, rest = event_id.partition("-")
    category, _, number = rest.partition("-")
    ours = producer.isalnum() and category.isalnum() and number.isascii() and number.isdigit()
    return ((producer, category), int(number)) if ours else (None, 0)


def _is_of(index: str, settings: Settings, category: str | None) -> bool:
    """Whether *index* belongs to the stream of *category*; None: to one in which events are indexed."""
    if category is not None:
        return stream_name(settings, category) in index
    return not any(stream_name(settings, aside) in index for aside in (DEAD_LETTER, DISCARDED))


def _ingested(source: dict[str, Any]) -> str:
    return str(source.get("event", {}).get("ingested", ""))


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
