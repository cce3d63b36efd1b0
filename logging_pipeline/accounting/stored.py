"""Which numbers Elasticsearch holds, and how often: enumerated through every page, never estimated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from logging_pipeline import ranges
from logging_pipeline.accounting.account import Key
from logging_pipeline.indexes.ask import ask
from logging_pipeline.ranges import Ranges

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["LedgerEntry", "ledger_entries", "producers_since", "search", "stored_numbers"]

PAGE = 10_000

_PRODUCER = "agent.ephemeral_id"


def stored_numbers(
    client: Elasticsearch,
    stream: str,
    category: str | None,
    category_field: str | None = None,
    *,
    producers: Collection[str] | None = None,
    only: dict[str, Any] | None = None,
) -> dict[Key, tuple[Ranges, Ranges]]:
    """
    The numbers in *stream* by producer and category: those that are there, and those that are there more than once.

    Args:
        category: of all events in the stream; None: `category_field` says it of each.
        producers: only theirs; None: everybody's.
        only: a query that they have to match.

    Raises:
        StoreUnavailable: Elasticsearch did not answer, or refused.
    """
    sources = [_PRODUCER, *([category_field] if category_field else []), "event.sequence"]
    conditions = [] if producers is None else [{"terms": {_PRODUCER: sorted(producers)}}]
    if only is not None:
        conditions.append(only)
    numbers: dict[Key, list[int]] = defaultdict(list)
    twice: dict[Key, list[int]] = defaultdict(list)
    for bucket in _composite(client, stream, sources, conditions):
        values = bucket["key"]
        key = values[_PRODUCER], category or values[category_field or ""]
        numbers[key].append(values["event.sequence"])
        if bucket["doc_count"] > 1:
            twice[key].append(values["event.sequence"])
    return {key: (ranges.of(found), ranges.of(twice[key])) for key, found in numbers.items()}


def producers_since(client: Elasticsearch, stream: str, since: datetime) -> set[str]:
    """
    The producers of whom *stream*, a name or a pattern, has an event logged at *since* or later.

    Raises:
        StoreUnavailable: Elasticsearch did not answer, or refused.
    """
    conditions = [{"range": {"@timestamp": {"gte": since.isoformat()}}}]
    return {bucket["key"][_PRODUCER] for bucket in _composite(client, stream, [_PRODUCER], conditions)}


class LedgerEntry:
    """
    What the ledger says of one producer and category: the largest totals, and whether they are final.

    ``handed_over`` is the last number up to which every event had left the process: for the broker, the disk, or the
    list of what was dropped.
    """

    def __init__(self) -> None:
        self.numbered = 0
        self.handed_over = 0
        self.spooled = 0
        self.final = False
        self.dropped: dict[str, Ranges] = defaultdict(list)


def ledger_entries(
    client: Elasticsearch, stream: str, only: Key | None = None, *, producers: Collection[str] | None = None
) -> dict[Key, LedgerEntry]:
    """
    Everything that *stream*, the ledger's, tells; entries are cumulative, so later ones only add.

    Args:
        only: of this producer and category.
        producers: of these alone; None: of all.

    Raises:
        StoreUnavailable: Elasticsearch did not answer, or refused.
    """
    entries: dict[Key, LedgerEntry] = defaultdict(LedgerEntry)
    conditions: list[dict[str, Any]] = [{"exists": {"field": _PRODUCER}}]
    if only is not None:
        conditions += [{"term": {_PRODUCER: only[0]}}, {"term": {"ledger.category": only[1]}}]
    if producers is not None:
        conditions.append({"terms": {_PRODUCER: sorted(producers)}})
    for source in _documents(client, stream, (_PRODUCER, "event.sequence", "event.id"), conditions):
        told = source.get("ledger") or {}
        action = source.get("event", {}).get("action")
        # What accounting itself wrote tells of others; of its own producer it says that nothing follows.
        category = told["category"] if action in ("ledger.totals", "ledger.dropped") else "ledger"
        entry = entries[source["agent"]["ephemeral_id"], category]
        entry.final = entry.final or bool(told.get("final"))
        if action == "ledger.totals":
            numbered, spooled = told.get("numbered", 0), told.get("spooled", 0)
            entry.numbered = max(entry.numbered, numbered)
            entry.spooled = max(entry.spooled, spooled)
            if told.get("shipped", 0) + spooled + told.get("dropped", 0) >= numbered:
                entry.handed_over = max(entry.handed_over, numbered)
        elif action == "ledger.dropped":
            found = ranges.parse(told.get("ranges", []))
            entry.dropped[told["reason"]] = ranges.merge(entry.dropped[told["reason"]], found)
    return dict(entries)


def _composite(
    client: Elasticsearch, stream: str, sources: Sequence[str], conditions: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    composite: dict[str, Any] = {"size": PAGE, "sources": [{name: {"terms": {"field": name}}} for name in sources]}
    while True:
        body = {
            "size": 0,
            "track_total_hits": False,
            "query": {"bool": {"filter": conditions}},
            "aggs": {"numbers": {"composite": composite}},
        }
        answer = search(client, stream, body)
        page = answer.get("aggregations", {}).get("numbers", {})
        yield from page.get("buckets", [])
        if "after_key" not in page:
            return
        composite["after"] = page["after_key"]


def _documents(
    client: Elasticsearch, stream: str, order: Sequence[str], conditions: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    body: dict[str, Any] = {
        "size": 1_000,
        "track_total_hits": False,
        "_source": [_PRODUCER, "event.action", "ledger"],
        "query": {"bool": {"filter": conditions}},
        "sort": [{name: "asc"} for name in order],
    }
    while hits := search(client, stream, body).get("hits", {}).get("hits", []):
        for hit in hits:
            yield hit["_source"]
        body["search_after"] = hits[-1]["sort"]


def search(client: Elasticsearch, stream: str, body: dict[str, Any]) -> dict[str, Any]:
    """
    One search over *stream*, a name or a pattern; what is not there is empty.

    Raises:
        StoreUnavailable: Elasticsearch did not answer, or refused, or could not search everywhere.
    """
    params = {"ignore_unavailable": "true", "allow_partial_search_results": "false", "request_cache": "false"}
    answer: dict[str, Any] = ask(client, "POST", f"/{stream}/_search", params=params, body=body)
    return answer
