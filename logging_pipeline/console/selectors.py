"""What the pages show, asked of Elasticsearch. Everything here takes the categories that the viewer may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from logging_pipeline.console import cursor, histogram, query
from logging_pipeline.console.event import Event
from logging_pipeline.console.histogram import Histogram
from logging_pipeline.console.search import Search
from logging_pipeline.console.store import Answer, Store
from logging_pipeline.contract import Contract

__all__ = ["Around", "Batch", "Page", "Trace", "around", "event", "events_of", "newest", "pages", "trace"]

PAGE_EVENTS = 100
AROUND_EVENTS = 25  # on either side
TRACE_EVENTS = 500
BATCH_EVENTS = 1_000  # of an export
COUNT_UP_TO = 10_000  # counting further costs time and helps nobody

# What a row of a list shows; an event's own page loads everything.
ROW_FIELDS = [
    "message",
    "log.level",
    "event.id",
    "event.action",
    "event.duration",
    "event.start",
    "event.outcome",
    "service.name",
    "trace.id",
    "error.type",
    "error.message",
]
SPAN_FIELDS = ["transaction.id", "span.id", "parent.id", "celery.task", "error.grouping_key"]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list: *older* is the ``after`` of the next one, empty on the last."""

    events: tuple[Event, ...]
    answer: Answer
    histogram: Histogram | None
    older: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of the events of an export: *last* when nothing follows, *partial* when there may be more."""

    events: tuple[Event, ...]
    last: bool
    partial: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """The events of one trace, the earliest first; *cut* when there are more than are shown."""

    events: tuple[Event, ...]
    answer: Answer

    @property
    def cut(self) -> bool:
        """Whether there are more than `TRACE_EVENTS`."""
        return self.answer.total > len(self.events)


@dataclass(frozen=True, slots=True)
class Around:
    """What happened next to *event*: all newest first."""

    event: Event
    later: tuple[Event, ...]
    earlier: tuple[Event, ...]


def newest(store: Store, search: Search, categories: Iterable[str], contract: Contract) -> Page:
    """The newest events of *search* after its cursor, and how all its events spread over its time."""
    body: dict[str, Any] = {
        "query": query.condition(search, contract),
        "sort": list(cursor.SORT),
        "size": PAGE_EVENTS + 1,  # one more tells whether there is a next page
        "_source": [*ROW_FIELDS, *search.columns],
        "track_total_hits": False,  # the bars count them all anyway
        "aggs": {"over_time": histogram.aggregation(search.time)},
    }
    if search.after:
        body["search_after"] = cursor.unpack(search.after)
    answer = store.search(categories, body)
    events = events_of(store, answer)
    shown = events[:PAGE_EVENTS]
    return Page(
        events=shown,
        answer=answer,
        histogram=histogram.read(answer.aggregations["over_time"], search.time) if answer.aggregations else None,
        older=cursor.pack(shown[-1].sort) if len(events) > PAGE_EVENTS else "",
    )


def pages(store: Store, search: Search, categories: Iterable[str], contract: Contract) -> Iterator[Batch]:
    """All events of *search*, whole, newest first: a generator of pages, each one request that goes on where it was."""
    body: dict[str, Any] = {
        "query": query.condition(search, contract),
        "sort": list(cursor.SORT),
        "size": BATCH_EVENTS,
        "track_total_hits": False,
    }
    categories = tuple(categories)
    while True:
        answer = store.search(categories, body)
        events = events_of(store, answer)
        last = len(events) < BATCH_EVENTS
        yield Batch(events, last=last, partial=answer.partial)
        if last:
            return
        body["search_after"] = events[-1].sort


def event(store: Store, event_id: str, categories: Iterable[str]) -> Event | None:
    """The event with that id, whole; none when there is none in *categories*."""
    if not event_id:
        return None
    body = {"query": {"ids": {"values": [event_id]}}, "sort": list(cursor.SORT), "size": 1}
    return next(iter(events_of(store, store.search(categories, body))), None)


def trace(store: Store, trace_id: str, categories: Iterable[str]) -> Trace:
    """All that one request caused, in *categories*, in the order of time."""
    body = {
        "query": {"bool": {"filter": [{"term": {"trace.id": {"value": trace_id}}}]}},
        "sort": _earliest_first(),
        "size": TRACE_EVENTS,
        "_source": [*ROW_FIELDS, *SPAN_FIELDS],
        "track_total_hits": COUNT_UP_TO,
    }
    answer = store.search(categories, body)
    return Trace(events_of(store, answer), answer)


def around(store: Store, middle: Event, categories: tuple[str, ...]) -> Around:
    """The events just before and just after *middle*, in *categories*."""
    body = {"size": AROUND_EVENTS, "_source": ROW_FIELDS, "track_total_hits": False, "search_after": middle.sort}
    earlier, later = store.search_all(
        categories, [{**body, "sort": list(cursor.SORT)}, {**body, "sort": _earliest_first()}]
    )
    return Around(middle, later=events_of(store, later)[::-1], earlier=events_of(store, earlier))


def _earliest_first() -> list[dict[str, Any]]:
    return [{name: {**how, "order": "asc", "missing": "_first"}} for part in cursor.SORT for name, how in part.items()]


def events_of(store: Store, answer: Answer) -> tuple[Event, ...]:
    """The events of *answer*, which was asked for sorted by time first."""
    return tuple(
        Event(
            id=hit["_id"],
            category=store.category_of(hit),
            time=datetime.fromisoformat(hit["sort"][0]),
            sort=hit["sort"],
            source=hit.get("_source", {}),
        )
        for hit in answer.hits
    )
