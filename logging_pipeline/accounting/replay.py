"""Sends dead letters and orphaned spools through the pipeline again, under the ids that the events have."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from logging_pipeline.accounting.own_events import Entry
from logging_pipeline.accounting.stored import search
from logging_pipeline.contract import Contract
from logging_pipeline.indexes import DEAD_LETTER, stream_name
from logging_pipeline.journey.pack import Batch
from logging_pipeline.journey.ship import Send
from logging_pipeline.journey.spool import Spool
from logging_pipeline.settings import Settings

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["Letter", "Letters", "find_letters", "replay_spool", "send_letters", "what_became"]

PAGE = 500
NEVER = ("id_conflict",)  # another event is stored under the id: sent again it would be refused again


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter: the event's id, its category, why it was refused, and the event itself."""

    event_id: str
    category: str
    reason: str
    line: bytes


@dataclass
class Letters:
    """
    Dead letters, sorted by what can be done with them.

    Args:
        replayable: can be sent again.
        arrived: how many are indexed by now: an earlier replay, or a retry, succeeded.
        hopeless: why others cannot be sent, and how many.
    """

    replayable: list[Letter] = field(default_factory=list)
    arrived: int = 0
    hopeless: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def counts(self) -> dict[str, int]:
        """How many of each kind, by name."""
        by_reason: dict[str, int] = defaultdict(int)
        for letter in self.replayable:
            by_reason[f"replayable ({letter.reason})"] += 1
        return {**by_reason, "indexed by now": self.arrived, **self.hopeless}


def find_letters(
    settings: Settings, contract: Contract, *, elasticsearch: Elasticsearch, reason: str = "", since: str = ""
) -> Letters:
    """
    The dead letters that are there, each event once.

    Args:
        elasticsearch: with the user `logging_pipeline.indexes.roles.READER`.
        reason: only those refused for it; empty: all.
        since: only those refused later, a time as Elasticsearch reads it (``now-1d``, ``2031-01-31``); empty: all.

    Raises:
        StoreUnavailable: Elasticsearch did not answer, or refused (a *since* that is no time).
    """
    found = Letters()
    seen: set[str] = set()
    for page in _pages(settings, elasticsearch, reason, since):
        letters = [letter for letter in map(_letter, page) if letter.event_id not in seen]
        seen.update(letter.event_id for letter in letters)
        arrived = _stored(settings, elasticsearch, [letter.event_id for letter in letters])
        cut = {source["event"]["id"] for source in page if source["dead_letter"].get("cut")}
        for letter in letters:
            if letter.event_id in arrived:
                found.arrived += 1
            elif letter.reason in NEVER:
                found.hopeless["another event has its id"] += 1
            elif letter.event_id in cut:
                found.hopeless["cut: it was too large to be kept whole"] += 1
            elif letter.category not in contract.by_name:
                found.hopeless["of a category that nobody declares"] += 1
            elif not _is_object(letter.line):
                found.hopeless["no JSON object"] += 1
            else:
                found.replayable.append(letter)
    return found


def send_letters(letters: list[Letter], *, send: Send, max_events: int) -> list[Entry]:
    """
    Hand *letters* to the broker, as their producers did; ledger entries that say so.

    Raises:
        BrokerUnavailable: the broker did not take a batch. Those before it went; what is indexed is left out next time.
    """
    for start in range(0, len(letters), max_events):
        bodies: dict[str, list[bytes]] = defaultdict(list)
        for letter in letters[start : start + max_events]:
            bodies[letter.category].append(letter.line)
        joined = {category: b"\n".join(lines) for category, lines in bodies.items()}
        send(Batch(uuid.uuid4().hex, joined, {}))
    sent: dict[tuple[str, str], int] = defaultdict(int)
    for letter in letters:
        sent[letter.category, letter.reason] += 1
    return [
        ("ledger.replayed", {"ledger.category": category, "ledger.reason": reason, "ledger.replayed": count})
        for (category, reason), count in sent.items()
    ]


def what_became(settings: Settings, letters: list[Letter], *, elasticsearch: Elasticsearch) -> int:
    """How many of *letters* are indexed by now; the others are on their way, or were refused again."""
    ids = [letter.event_id for letter in letters]
    pages = (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))
    return sum(len(_stored(settings, elasticsearch, page)) for page in pages)


def replay_spool(root: Path, *, send: Send) -> int:
    """
    Hand over what ended processes left in the spool folder *root*, oldest first; how many batches went.

    Folders whose process runs are left to it. Ends at the first batch that the broker does not take.
    """
    return Spool(root, f"replay-{uuid.uuid4().hex}", 0).replay(send, max_batches=1_000_000)


def _pages(settings: Settings, client: Elasticsearch, reason: str, since: str) -> Iterator[list[dict[str, Any]]]:
    conditions: list[dict[str, Any]] = [{"exists": {"field": "event.id"}}]
    if reason:
        conditions.append({"term": {"dead_letter.reason": reason}})
    if since:
        conditions.append({"range": {"@timestamp": {"gte": since}}})
    body: dict[str, Any] = {
        "size": PAGE,
        "query": {"bool": {"filter": conditions}},
        "sort": [{"@timestamp": "asc"}, {"event.id": "asc"}],
    }
    while hits := search(client, stream_name(settings, DEAD_LETTER), body)["hits"]["hits"]:
        yield [hit["_source"] for hit in hits]
        body["search_after"] = hits[-1]["sort"]


def _letter(source: dict[str, Any]) -> Letter:
    told = source["dead_letter"]
    line = str(source["event"].get("original", "")).encode("utf-8", "surrogatepass")
    return Letter(source["event"]["id"], str(told.get("category", "")), str(told.get("reason", "")), line)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _stored(settings: Settings, client: Elasticsearch, ids: list[str]) -> set[str]:
    """Which of *ids* are documents, over every backing index: `create` sees only the newest."""
    if not ids:
        return set()
    body = {"size": 10_000, "_source": False, "query": {"ids": {"values": ids}}}
    hits = search(client, f"logs-{settings.app}.*-{settings.namespace}", body)["hits"]["hits"]
    return {hit["_id"] for hit in hits}
