"""
Errors in groups, as Elasticsearch counts them: the same fault at the same place has the same ``error.grouping_key``.

One request: what happened in the range, and, over all that the data streams still hold, when a group was first seen
and when each release failed last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from logging_pipeline.console import query, sparkline
from logging_pipeline.console.event import Event
from logging_pipeline.console.search import Search
from logging_pipeline.console.selectors import ROW_FIELDS, events_of
from logging_pipeline.console.sparkline import Sparkline
from logging_pipeline.console.store import Answer, Store
from logging_pipeline.contract import Contract

__all__ = ["MAX_GROUPS", "SORTS", "ErrorGroup", "Groups", "group", "groups"]

MAX_GROUPS = 100
MAX_RELEASES = 50
_SHARD_GROUPS = 1_000  # each shard offers so many, so that the order is right across shards
_KEY = "error.grouping_key"
SORTS = {  # by name: title, and what Elasticsearch orders by
    "newest": ("Last seen", "here>last"),
    "most": ("Most events", "here"),
    "users": ("Most users", "here>users"),
}
_SAMPLE = [*ROW_FIELDS, "error", "http.route", "url.path", "celery.task.name", "service.version", "host.name"]


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """
    One group.

    Args:
        key: ``error.grouping_key``.
        first: when it was first seen, of all that is kept.
        last: when it was last seen in the range.
        count: events in the range.
        users: how many users met it in the range, about.
        categories: where its events lie, with their number.
        releases: when each release failed last, of all that is kept; events without a release: the empty name.
        over_time: the events of the range over time.
        sample: the newest event.
    """

    key: str
    first: datetime
    last: datetime
    count: int
    users: int
    categories: tuple[str, ...]
    releases: dict[str, datetime]
    over_time: Sparkline
    sample: Event

    @property
    def type(self) -> str:
        """The exception's class."""
        return self.sample.text("error.type")

    @property
    def place(self) -> str:
        """Where it happens: the task, else the route."""
        return self.sample.text("celery.task.name") or self.sample.text("http.route")

    @property
    def stack_trace(self) -> str:
        """Of the newest event."""
        return self.sample.text("error.stack_trace")

    @property
    def release_names(self) -> list[str]:
        """The releases, that which failed last first."""
        return sorted(self.releases, key=lambda name: self.releases[name], reverse=True)

    @property
    def message(self) -> str:
        """What the newest of them says."""
        return self.sample.text("error.message") or self.sample.message


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of a range: *total* of them, about, of which at most `MAX_GROUPS` are here."""

    groups: tuple[ErrorGroup, ...]
    total: int
    answer: Answer

    @property
    def cut(self) -> bool:
        """Whether there are more than are here."""
        return len(self.groups) == MAX_GROUPS and self.total > MAX_GROUPS


def groups(store: Store, search: Search, categories: Sequence[str], contract: Contract, sort: str) -> Groups:
    """The groups that have events in *search*, in the order of `SORTS`."""
    answer = store.search(categories, _body(search, contract, {"exists": {"field": _KEY}}, sort, MAX_GROUPS))
    found = _groups(store, answer, search)
    total = answer.aggregations["here"]["groups"]["value"] if answer.aggregations else 0
    return Groups(found, max(total, len(found)), answer)


def group(
    store: Store, key: str, search: Search, categories: Sequence[str], contract: Contract, *, events: int = 0
) -> tuple[ErrorGroup | None, tuple[Event, ...]]:
    """The group *key* and its newest *events* in *search*; none when it has no event there in *categories*."""
    only = {"term": {_KEY: {"value": key}}}
    newest = {
        "query": {"bool": {"filter": [only, query.condition(search, contract)]}},
        "sort": [_NEWEST],
        "size": events,
        "_source": ROW_FIELDS,
        "track_total_hits": False,
    }
    counted, listed = store.search_all(categories, [_body(search, contract, only, "newest", 1), newest])
    return next(iter(_groups(store, counted, search)), None), events_of(store, listed)


def _body(search: Search, contract: Contract, which: dict[str, Any], sort: str, size: int) -> dict[str, Any]:
    here = query.condition(search, contract)
    return {
        "query": {"bool": {"filter": [which]}},
        "size": 0,
        "track_total_hits": False,
        "aggs": {
            "here": {"filter": here, "aggs": {"groups": {"cardinality": {"field": _KEY}}}},
            "groups": {
                "terms": {
                    "field": _KEY,
                    "size": size,
                    "shard_size": _SHARD_GROUPS,
                    "order": {SORTS[sort][1]: "desc"},
                    "collect_mode": "breadth_first",  # the rest is counted only for those that are shown
                },
                "aggs": {
                    "here": {
                        "filter": here,
                        "aggs": {
                            "last": {"max": {"field": "@timestamp"}},
                            "users": {"cardinality": {"field": "user.hash"}},
                        },
                    },
                    "shown": {
                        "filter": here,
                        "aggs": {
                            "over_time": sparkline.aggregation(search.time),
                            "categories": {"terms": {"field": "data_stream.dataset"}},
                            "sample": {
                                "top_hits": {
                                    "size": 1,
                                    "sort": [_NEWEST],
                                    "_source": _SAMPLE,
                                    "docvalue_fields": [_TIME],
                                }
                            },
                        },
                    },
                    "first": {"min": {"field": "@timestamp"}},
                    "releases": {
                        "terms": {"field": "service.version", "size": MAX_RELEASES, "missing": ""},
                        "aggs": {"last": {"max": {"field": "@timestamp"}}},
                    },
                },
            },
        },
    }


_FORMAT = "strict_date_optional_time_nanos"
_TIME = {"field": "@timestamp", "format": _FORMAT}
_NEWEST = {"@timestamp": {"order": "desc", "format": _FORMAT, "numeric_type": "date_nanos"}}


def _groups(store: Store, answer: Answer, search: Search) -> tuple[ErrorGroup, ...]:
    buckets = answer.aggregations["groups"]["buckets"] if answer.aggregations else []
    return tuple(_group(store, bucket, search) for bucket in buckets if bucket["here"]["doc_count"])


def _group(store: Store, bucket: dict[str, Any], search: Search) -> ErrorGroup:
    here, shown = bucket["here"], bucket["shown"]
    (hit,) = shown["sample"]["hits"]["hits"]
    (sample,) = events_of(store, Answer(hits=({**hit, "sort": hit["fields"]["@timestamp"]},)))
    return ErrorGroup(
        key=bucket["key"],
        first=_moment(bucket["first"]),
        last=_moment(here["last"]),
        count=here["doc_count"],
        users=here["users"]["value"],
        categories=tuple(store.category_of_dataset(found["key"]) for found in shown["categories"]["buckets"]),
        releases={found["key"]: _moment(found["last"]) for found in bucket["releases"]["buckets"]},
        over_time=sparkline.read(shown["over_time"], search.time),
        sample=sample,
    )


def _moment(found: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(found["value"] / 1_000, UTC)
