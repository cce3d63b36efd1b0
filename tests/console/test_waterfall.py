"""A trace drawn in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from logging_pipeline.console.event import Event
from logging_pipeline.console.waterfall import MAX_DEPTH, MAX_SERVICES, WIDTH, waterfall

TIME = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MS = 1_000_000  # nanoseconds


def event(
    name: str, *, at_ms: float = 0, took_ms: int | None = None, span: str = "", parent: str = "", **more: Any
) -> Event:
    """An event that was logged *at_ms* after `TIME`."""
    time = TIME + timedelta(milliseconds=at_ms)
    own: dict[str, Any] = {"event": {"action": name}, "message": name, "log": {"level": "info"}, **more}
    if took_ms is not None:
        own["event"]["duration"] = took_ms * MS
    if span:
        own["span"] = {"id": span}
    if parent:
        own["parent"] = {"id": parent}
    return Event(id=f"{name} {at_ms} {span}", category="http", time=time, sort=[], source=own)


def drawn(*events: Event) -> list[tuple[str, int]]:
    return [(row.event.message, row.depth) for row in waterfall(events).rows]


def test_is_true_to_scale():
    """Offsets and lengths are proportional to time, errors and services counted."""
    found = waterfall(
        [
            event("a", at_ms=1_000, took_ms=1_000, service={"name": "web"}, log={"level": "error"}),
            event("b", at_ms=2_000, service={"name": "worker"}),
            event("c", at_ms=1_500, took_ms=500),
        ]
    )
    assert found.span == timedelta(seconds=2)
    assert [(row.bar.x / WIDTH, row.bar.width / WIDTH) for row in found.rows] == [(0, 0.5), (0.5, 0.25), (1, 0)]
    assert [row.offset.total_seconds() for row in found.rows] == [0, 1, 2]
    assert (found.services, found.errors, found.waits) == ((("web", 0), ("worker", 1)), 1, False)
    assert [row.failed for row in found.rows] == [True, False, False]
    assert [place for _moment, place in found.ticks] == [0, 25, 50, 75, 100]


def test_what_a_unit_caused_stands_below_it():
    """A request, what it logged, its task and what that logged are nested by span, whatever order they come in."""
    story = [
        event("logged in the retry", at_ms=900, span="t2", parent="r"),
        event("task.run", at_ms=950, took_ms=100, span="t2", parent="r"),
        event("task.run", at_ms=700, took_ms=100, span="t1", parent="r"),
        event("logged in the task", at_ms=650, span="t1", parent="r"),
        event("task.run", at_ms=1_000, took_ms=20, span="t3", parent="t2"),
        event("logged in the request", at_ms=50, span="r"),
        event("http.request", at_ms=200, took_ms=200, span="r"),
    ]
    expected = [
        ("http.request", 0),
        ("logged in the request", 1),
        ("task.run", 1),
        ("logged in the task", 2),
        ("task.run", 1),
        ("logged in the retry", 2),
        ("task.run", 2),
    ]
    assert drawn(*story) == expected
    assert drawn(*reversed(story)) == expected


def test_the_queue_is_seen_before_the_task():
    """The delay in the queue is drawn where it was, counted into the whole, and said."""
    request = event("http.request", at_ms=100, took_ms=100, span="r")
    task = event(
        "task.run", at_ms=400, took_ms=100, span="t", parent="r", celery={"task": {"queue_delay_ns": 200 * MS}}
    )
    found = waterfall([request, task])
    row = found.rows[1]
    assert found.waits
    assert row.wait == timedelta(milliseconds=200)
    assert row.waiting is not None
    assert (row.waiting.x, row.waiting.width) == (WIDTH / 4, WIDTH / 2)
    assert (row.bar.x, row.bar.width) == (3 * WIDTH / 4, WIDTH / 4)
    alone = waterfall([task])
    assert alone.span == timedelta(milliseconds=300)
    assert alone.rows[0].waiting is not None
    assert alone.rows[0].waiting.x == 0


def test_a_unit_whose_own_event_is_not_there_still_holds_its_events():
    """What a request caused is shown also when the request itself is still running, or not open to the viewer."""
    assert drawn(
        event("logged", at_ms=5, span="r", parent="elsewhere"),
        event("task.run", at_ms=30, took_ms=10, span="t", parent="r"),
    ) == [("logged", 0), ("task.run", 0)]


def test_strange_parents_lose_no_event():
    """Rings, oneself as parent and chains deeper than the drawing are drawn, each event once."""
    ring = [
        event("task.run", at_ms=1, span="a", parent="b"),
        event("task.run", at_ms=2, span="b", parent="a"),
        event("task.run", at_ms=3, span="c", parent="c"),
    ]
    assert len(drawn(*ring)) == 3
    chain = [event("task.run", at_ms=n, span=str(n), parent=str(n - 1)) for n in range(40)]
    found = drawn(*chain)
    assert len(found) == 40
    assert max(depth for _name, depth in found) == MAX_DEPTH


def test_more_services_than_colours_share_the_last():
    """Every program has a colour, the first ones their own."""
    events = [event("a", at_ms=n, service={"name": f"s{n}"}) for n in range(MAX_SERVICES + 3)]
    numbers = [row.service for row in waterfall(events).rows]
    assert numbers == [*range(MAX_SERVICES), MAX_SERVICES - 1, MAX_SERVICES - 1, MAX_SERVICES - 1]


def test_a_trace_of_one_moment_can_be_drawn():
    """One event without a duration has no span, and still a place."""
    (row,) = waterfall([event("a")]).rows
    assert (row.bar.x, row.bar.width, row.waiting) == (0, 0, None)
