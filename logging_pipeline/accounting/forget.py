"""
Finds everything that was logged of one person, and removes it.

Events carry a keyed hash of the user's id, in ``user.hash`` and in labels; dead letters carry the event as text. The
ledger is told first which numbers are forgotten, so that reconcile stays clean even if the removal is cut short; then
each copy is deleted where it lies, one backing index at a time, which every distribution of Elasticsearch can do.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import redis

from logging_pipeline import ranges
from logging_pipeline.accounting.account import Key
from logging_pipeline.accounting.on_the_way import lines_in_redis
from logging_pipeline.accounting.stored import search
from logging_pipeline.errors import ConfigurationError, StoreUnavailable
from logging_pipeline.indexes import DEAD_LETTER, stream_name
from logging_pipeline.indexes.ask import ask
from logging_pipeline.journey.mask import user_hash
from logging_pipeline.settings import Settings

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["REASON", "Found", "find", "hashes", "on_the_way", "remove"]

REASON = "forgotten"
PAGE = 1_000


@dataclass
class Found:
    """Documents of one person: (backing index, document id) and the numbers that they had."""

    places: list[tuple[str, str]] = field(default_factory=list)
    numbers: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))

    def counts(self) -> dict[str, int]:
        """How many documents there are, by backing index."""
        by_index: dict[str, int] = defaultdict(int)
        for index, _ in self.places:
            by_index[index] += 1
        return dict(sorted(by_index.items()))


def hashes(user_id: str, settings: Settings) -> list[str]:
    """
    What stands for the user *user_id* in events: by the present key, and by those before it.

    Raises:
        ConfigurationError: there is no key.
    """
    keys = [key for key in (settings.hash_key, *settings.former_hash_keys) if key]
    if not keys:
        raise ConfigurationError(
            "LOGPIPE_HASH_KEY", "is not set: nobody can be found", "Set the key that producers have"
        )
    return [user_hash(user_id, key) for key in keys]


def find(names: Sequence[str], settings: Settings, *, elasticsearch: Elasticsearch) -> Found:
    """
    Every document that carries one of *names*, the person's hashes; dead letters by their text.

    Args:
        elasticsearch: with the user `logging_pipeline.indexes.roles.PRIVACY`, or a reader's.

    Raises:
        StoreUnavailable: Elasticsearch did not answer, or refused.
    """
    found = Found()
    # `labels` is one field to Elasticsearch: it matches where any of its values is the hash.
    should = [{"terms": {name: list(names)}} for name in ("user.hash", "labels")]
    everywhere = f"logs-{settings.app}.*-{settings.namespace}"
    for hit in _hits(elasticsearch, everywhere, {"bool": {"should": should}}):
        _note(found, hit)
    for hit in _hits(elasticsearch, stream_name(settings, DEAD_LETTER), {"match_all": {}}):
        if any(name in str(hit["_source"].get("event", {}).get("original", "")) for name in names):
            _note(found, hit)
    return found


def on_the_way(names: Sequence[str], settings: Settings, client: redis.Redis) -> int:
    """
    How many events of the person are not stored yet: in Redis, or in this machine's spool.

    Raises:
        redis.RedisError: Redis did not answer.
    """
    wanted = [name.encode() for name in names]
    count = sum(any(name in line for name in wanted) for _, line in lines_in_redis(client, settings.queue))
    for path in settings.spool_dir.glob("*/*.batch"):
        try:
            data = path.read_bytes()
        except FileNotFoundError:  # handed over meanwhile
            continue
        count += sum(any(name in line for name in wanted) for line in data.split(b"\n"))
    return count


def remove(found: Found, settings: Settings, *, elasticsearch: Elasticsearch) -> int:
    """
    Tell the ledger, then delete; how many documents are gone.

    Args:
        elasticsearch: with the user `logging_pipeline.indexes.roles.PRIVACY`.

    Raises:
        StoreUnavailable: Elasticsearch did not answer, or refused; run it again, what is gone stays gone.
    """
    entries = [_entry(key, sorted(set(numbers)), settings) for key, numbers in found.numbers.items()]
    for start in range(0, len(entries), PAGE):
        _bulk(elasticsearch, entries[start : start + PAGE], accepted=(201, 409))
    removed = 0
    for start in range(0, len(found.places), PAGE):
        page = found.places[start : start + PAGE]
        lines = [orjson.dumps({"delete": {"_index": index, "_id": identity}}) for index, identity in page]
        removed += _bulk(elasticsearch, lines, accepted=(200, 404))
    return removed


def _hits(client: Elasticsearch, stream: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    body: dict[str, Any] = {
        "size": PAGE,
        "query": query,
        "_source": ["event.id", "event.original"],
        "sort": [{"@timestamp": "asc"}, {"event.id": {"order": "asc", "unmapped_type": "keyword"}}],
    }
    while hits := search(client, stream, body)["hits"]["hits"]:
        yield from hits
        body["search_after"] = hits[-1]["sort"]


def _note(found: Found, hit: dict[str, Any]) -> None:
    found.places.append((hit["_index"], hit["_id"]))
    producer, _, rest = str(hit["_source"].get("event", {}).get("id", "")).partition("-")
    category, _, number = rest.partition("-")
    if number.isdigit():
        found.numbers[producer, category].append(int(number))


def _entry(key: Key, numbers: list[int], settings: Settings) -> bytes:
    """A ledger entry of the producer whose events these were; the same events make the same entry."""
    producer, category = key
    told = ranges.text(ranges.of(numbers))
    identity = f"forgotten-{hashlib.sha256(orjson.dumps([producer, category, told])).hexdigest()[:40]}"
    dataset = f"{settings.app}.ledger"
    document = {
        "@timestamp": datetime.now(UTC).isoformat(),
        "message": f"{category}: dropped, {REASON}",
        "event": {"id": identity, "action": "ledger.dropped", "dataset": dataset},
        "data_stream": {"type": "logs", "dataset": dataset, "namespace": settings.namespace},
        "agent": {"ephemeral_id": producer},
        "ledger": {"category": category, "reason": REASON, "ranges": told, "dropped": len(numbers)},
        "log": {"level": "info"},
    }
    create = {"create": {"_index": stream_name(settings, "ledger"), "_id": identity}}
    return orjson.dumps(create) + b"\n" + orjson.dumps(document)


def _bulk(client: Elasticsearch, lines: list[bytes], accepted: tuple[int, ...]) -> int:
    """Send *lines*; how many did what they should. Others than *accepted* are an error."""
    body = b"\n".join((*lines, b""))
    answer = ask(client, "POST", "/_bulk", body=body, content_type="application/x-ndjson")
    items = [next(iter(item.values())) for item in answer["items"]]
    for item in items:
        if item["status"] not in accepted:
            error = item.get("error", {})
            raise StoreUnavailable(
                f"{item['_index']}: {item['status']} {error.get('type')}: {str(error.get('reason'))[:300]}",
                retryable=item["status"] == 429 or item["status"] >= 500,
            )
    return sum(item["status"] == accepted[0] for item in items)
