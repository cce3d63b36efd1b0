"""
Errors in groups, as Elasticsearch counts them: the same fault at the same place has the same ``error.grouping_key``.

Two requests for a page of them: which groups the range has, in order; then, of those on the page, what happened in the
range, and, over all that the data streams still hold, when a group was first seen and when each release failed last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

__all__ = ["MAX_GROUPS", "SORTS", "ErrorGroup", "Listed", "group", "groups", "last_failures", "listed"]

MAX_GROUPS = 10_000  # listed, by their keys alone: so many can be paged through
MAX_RELEASES = 50
_KEYS_AT_ONCE = 1_000  # in one search: Elasticsearch makes at most 65,536 groups of groups
_KEY = "error.grouping_key"
_LAST = {"last": {"max": {"field": "@timestamp"}}}
_USERS = {"users": {"cardinality": {"field": "user.hash"}}}
SORTS: dict[str, tuple[str, str, dict[str, Any]]] = {  # by name: title, what Elasticsearch orders by, and counts for it
    "newest": ("Last seen", "last", _LAST),
    "most": ("Most events", "_count", {}),
    "users": ("Most users", "users", _USERS),
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
class Listed:
    """The keys of a range's groups in order: all of them, or the first `MAX_GROUPS` of about *total*."""

    keys: tuple[str, ...]
    total: int
    answer: Answer

    @property
    def cut(self) -> bool:
        """Whether there are more than are here."""
        return self.total > len(self.keys)


def listed(store: Store, search: Search, categories: Sequence[str], contract: Contract, sort: str) -> Listed:
    """The groups that have events in *search*, in the order of `SORTS`."""
    _title, by, counted = SORTS[sort]
    order = [{by: "desc"}, {"_key": "asc"}]  # pages need an order without ties
    body = {
        "query": {"bool": {"filter": [{"exists": {"field": _KEY}}, query.condition(search, contract)]}},
        "size": 0,
        "track_total_hits": False,
        "aggs": {
            "groups": {"terms": {"field": _KEY, "size": MAX_GROUPS, "order": order}, "aggs": counted},
            "total": {"cardinality": {"field": _KEY}},
        },
    }
    answer = store.search(categories, body)
    found = answer.aggregations or {"groups": {"buckets": [], "sum_other_doc_count": 0}}
    keys = tuple(bucket["key"] for bucket in found["groups"]["buckets"])
    cut = found["groups"]["sum_other_doc_count"] > 0
    return Listed(keys, max(found["total"]["value"], len(keys) + 1) if cut else len(keys), answer)


def groups(
    store: Store, keys: Sequence[str], search: Search, categories: Sequence[str], contract: Contract
) -> tuple[tuple[ErrorGroup, ...], bool]:
    """The groups *keys*, in that order, as far as they have events in *search*; and whether that is only a part."""
    if not keys:
        return (), False
    answer = store.search(categories, _body(search, contract, keys))
    found = {made.key: made for made in _groups(store, answer, search)}
    return tuple(found[key] for key in keys if key in found), answer.partial


def last_failures(
    store: Store, keys: Sequence[str], categories: Sequence[str], *, since: datetime
) -> Mapping[str, Mapping[str, datetime]]:
    """When each release of the groups *keys* failed last, as far as that is after *since*; by key, then by release."""
    parts = [keys[first : first + _KEYS_AT_ONCE] for first in range(0, len(keys), _KEYS_AT_ONCE)]
    answers = store.search_all(categories, [_failures(part, since) for part in parts])
    buckets = (bucket for found in answers if found.aggregations for bucket in found.aggregations["groups"]["buckets"])
    return {bucket["key"]: _by_release(bucket) for bucket in buckets}


def group(
    store: Store, key: str, search: Search, categories: Sequence[str], contract: Contract, *, events: int = 0
) -> tuple[ErrorGroup | None, tuple[Event, ...]]:
    """The group *key* and its newest *events* in *search*; none when it has no event there in *categories*."""
    newest = {
        "query": {"bool": {"filter": [_any_of([key]), query.condition(search, contract)]}},
        "sort": [_NEWEST],
        "size": events,
        "_source": ROW_FIELDS,
        "track_total_hits": False,
    }
    counted, events_found = store.search_all(categories, [_body(search, contract, [key]), newest])
    return next(iter(_groups(store, counted, search)), None), events_of(store, events_found)


def _any_of(keys: Sequence[str]) -> dict[str, Any]:
    return {"terms": {_KEY: list(keys)}}


def _failures(keys: Sequence[str], since: datetime) -> dict[str, Any]:
    after = {"range": {"@timestamp": {"gt": since.isoformat()}}}
    return {
        "query": {"bool": {"filter": [_any_of(keys), after]}},
        "size": 0,
        "track_total_hits": False,
        "aggs": {"groups": {"terms": {"field": _KEY, "size": len(keys)}, "aggs": {"releases": _RELEASES}}},
    }


_RELEASES = {"terms": {"field": "service.version", "size": MAX_RELEASES, "missing": ""}, "aggs": _LAST}


def _by_release(bucket: dict[str, Any]) -> dict[str, datetime]:
    return {found["key"]: _moment(found["last"]) for found in bucket["releases"]["buckets"]}


def _body(search: Search, contract: Contract, keys: Sequence[str]) -> dict[str, Any]:
    return {
        "query": {"bool": {"filter": [_any_of(keys)]}},
        "size": 0,
        "track_total_hits": False,
        "aggs": {
            "groups": {
                "terms": {"field": _KEY, "size": len(keys)},
                "aggs": {
                    "here": {
                        "filter": query.condition(search, contract),
                        "aggs": {
                            **_LAST,
                            **_USERS,
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
                    "releases": _RELEASES,
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
    here = bucket["here"]
    (hit,) = here["sample"]["hits"]["hits"]
    (sample,) = events_of(store, Answer(hits=({**hit, "sort": hit["fields"]["@timestamp"]},)))
    return ErrorGroup(
        key=bucket["key"],
        first=_moment(bucket["first"]),
        last=_moment(here["last"]),
        count=here["doc_count"],
        users=here["users"]["value"],
        categories=tuple(store.category_of_dataset(found["key"]) for found in here["categories"]["buckets"]),
        releases=_by_release(bucket),
        over_time=sparkline.read(here["over_time"], search.time),
        sample=sample,
    )


def _moment(found: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(found["value"] / 1_000, UTC)
