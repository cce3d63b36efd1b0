"""What Elasticsearch can tell of the last minutes, and of the last day's refusals, drops and storms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from logging_pipeline.console.store import Store
from logging_pipeline.console.timerange import iso
from logging_pipeline.contract import Contract
from logging_pipeline.indexes import DEAD_LETTER, DISCARDED

__all__ = ["WINDOW", "Lag", "Reason", "Stored", "stored"]

WINDOW = timedelta(minutes=5)  # of rates and lags
DAY = timedelta(hours=24)  # of what went wrong
NEWEST = 300  # events whose times are compared for lags
MAX_REASONS = 20
MAX_PRODUCERS = 1_000


@dataclass(frozen=True, slots=True)
class Lag:
    """How long something took the newest events: the median, and what 19 of 20 stay below."""

    p50: timedelta
    p95: timedelta


@dataclass(frozen=True, slots=True)
class Reason:
    """Why events did not arrive as they were: *count* in the last day, *lately* in the last `WINDOW`."""

    name: str
    count: int
    lately: int = 0
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """
    Counts of the last `WINDOW`, by the time that a stage wrote into each event.

    Args:
        logged: by ``@timestamp``: the call.
        packed: by ``event.created``: the flusher.
        ingested: by ``event.ingested``: the consumer.
        system: of those logged, in the category that takes what no other claims.
        traced: of the newest events, the share that knows its request or task; None without any.
        labelled: events with values that the contract does not name.
        marked: events on which a filter left a mark.
        to_pack, to_ingest, in_all: from the call to the flusher, from there to the consumer, and both.
        newest: the latest ``event.ingested``.
        dead_letters, discarded, dropped, storms: of the last day, by reason (a storm: the event that repeats).
    """

    logged: int
    packed: int
    ingested: int
    system: int
    traced: float | None
    labelled: int
    marked: int
    to_pack: Lag | None
    to_ingest: Lag | None
    in_all: Lag | None
    newest: datetime | None
    dead_letters: tuple[Reason, ...]
    discarded: tuple[Reason, ...]
    dropped: tuple[Reason, ...]
    storms: tuple[Reason, ...]


def stored(store: Store, contract: Contract, now: datetime) -> Stored:
    """
    Ask Elasticsearch.

    Raises:
        ConfigurationError: wrong user or password.
        StoreUnavailable: no answer in time.
    """
    answer = store.search([name for name in contract.by_name if name != "ledger"], _lately(now))
    found = answer.aggregations or {}
    times = [moments for hit in answer.hits if (moments := _moments(hit["_source"])) is not None]
    traces = [bool((hit["_source"].get("trace") or {}).get("id")) for hit in answer.hits]
    newest = found.get("newest", {}).get("value_as_string")

    def count(name: str) -> int:
        return int(found.get(name, {}).get("doc_count", 0))

    return Stored(
        logged=count("logged"),
        packed=count("packed"),
        ingested=count("ingested"),
        system=count("system"),
        traced=sum(traces) / len(traces) if traces else None,
        labelled=count("labelled"),
        marked=count("marked"),
        to_pack=_lag([packed - logged for logged, packed, _ in times]),
        to_ingest=_lag([ingested - packed for _, packed, ingested in times]),
        in_all=_lag([ingested - logged for logged, _, ingested in times]),
        newest=datetime.fromisoformat(newest) if newest else None,
        dead_letters=_reasons(store, DEAD_LETTER, "dead_letter.reason", now),
        discarded=_reasons(store, DISCARDED, "discard.reason", now),
        dropped=_dropped(store, now),
        storms=_storms(store, now),
    )


def _lately(now: datetime) -> dict[str, Any]:
    def since(field: str) -> dict[str, Any]:
        return {"range": {field: {"gte": iso(now - WINDOW)}}}

    def logged_with(condition: dict[str, Any]) -> dict[str, Any]:
        return {"filter": {"bool": {"filter": [since("@timestamp"), condition]}}}

    return {
        "size": NEWEST,
        "track_total_hits": False,
        "sort": [{"event.ingested": {"order": "desc", "unmapped_type": "date_nanos"}}],
        "_source": ["@timestamp", "event.created", "event.ingested", "trace.id"],
        "query": {"bool": {"should": [since("@timestamp"), since("event.ingested")], "minimum_should_match": 1}},
        "aggs": {
            "logged": {"filter": since("@timestamp")},
            "packed": {"filter": since("event.created")},
            "ingested": {"filter": since("event.ingested")},
            "system": logged_with({"wildcard": {"data_stream.dataset": {"value": "*.system"}}}),
            "labelled": logged_with({"exists": {"field": "labels"}}),
            "marked": logged_with({"exists": {"field": "tags"}}),
            "newest": {"max": {"field": "event.ingested"}},
        },
    }


def _moments(source: dict[str, Any]) -> tuple[datetime, datetime, datetime] | None:
    """When an event was logged, packed and ingested; None when one of these is not known."""
    event = source.get("event") or {}
    try:
        logged, packed, ingested = (
            datetime.fromisoformat(text) for text in (source["@timestamp"], event["created"], event["ingested"])
        )
        return logged, packed, ingested
    except (KeyError, TypeError, ValueError):  # another program wrote it
        return None


def _lag(lags: list[timedelta]) -> Lag | None:
    if not lags:
        return None
    ordered = sorted(max(lag, timedelta(0)) for lag in lags)  # clocks of two machines may differ
    return Lag(ordered[len(ordered) // 2], ordered[min(len(ordered) * 19 // 20, len(ordered) - 1)])


def _reasons(store: Store, stream: str, field: str, now: datetime) -> tuple[Reason, ...]:
    aggregations = {
        "lately": {"filter": {"range": {"@timestamp": {"gte": iso(now - WINDOW)}}}},
        "last": {"max": {"field": "@timestamp"}},
    }
    body = _last_day(now, [], {"by": {"terms": {"field": field, "size": MAX_REASONS}, "aggs": aggregations}})
    return tuple(
        Reason(
            bucket["key"],
            bucket["doc_count"],
            bucket["lately"]["doc_count"],
            datetime.fromisoformat(bucket["last"]["value_as_string"]),
        )
        for bucket in _buckets(store, stream, body)
    )


def _dropped(store: Store, now: datetime) -> tuple[Reason, ...]:
    """By reason; entries are cumulative, so the largest of each producer and category counts."""
    most = {"most": {"max": {"field": "ledger.dropped"}}}
    categories = {"by": {"terms": {"field": "ledger.category", "size": MAX_REASONS}, "aggs": most}}
    producers = {"by": {"terms": {"field": "agent.ephemeral_id", "size": MAX_PRODUCERS}, "aggs": categories}}
    by = {"by": {"terms": {"field": "ledger.reason", "size": MAX_REASONS}, "aggs": producers}}
    body = _last_day(now, [{"term": {"event.action": "ledger.dropped"}}], by)
    return tuple(
        Reason(
            bucket["key"],
            sum(
                int(c["most"]["value"] or 0) for producer in bucket["by"]["buckets"] for c in producer["by"]["buckets"]
            ),
        )
        for bucket in _buckets(store, "ledger", body)
    )


def _storms(store: Store, now: datetime) -> tuple[Reason, ...]:
    """The events that repeated so often that some were left out, and how many."""
    left_out = {"left_out": {"sum": {"field": "numeric_labels.suppressed"}}, "last": {"max": {"field": "@timestamp"}}}
    by = {"by": {"terms": {"field": "labels.storm_event", "size": MAX_REASONS}, "aggs": left_out}}
    body = _last_day(now, [{"term": {"event.action": "system.storm"}}], by)
    return tuple(
        Reason(
            bucket["key"],
            int(bucket["left_out"]["value"] or 0),
            last=datetime.fromisoformat(bucket["last"]["value_as_string"]),
        )
        for bucket in _buckets(store, "system", body)
    )


def _last_day(now: datetime, conditions: list[dict[str, Any]], aggregations: dict[str, Any]) -> dict[str, Any]:
    wanted = [{"range": {"@timestamp": {"gte": iso(now - DAY)}}}, *conditions]
    return {"size": 0, "track_total_hits": False, "query": {"bool": {"filter": wanted}}, "aggs": aggregations}


def _buckets(store: Store, stream: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    found = (store.search([stream], body).aggregations or {}).get("by", {})
    buckets: list[dict[str, Any]] = found.get("buckets", [])
    return buckets
