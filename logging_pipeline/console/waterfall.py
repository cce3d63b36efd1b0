"""
A trace drawn in time: requests and tasks as bars below what caused them, and what each logged below it.

A unit of work (one request, one attempt at a task) is a span: all its events carry its ``span.id``, and its own event,
logged at its end, says how long it took. ``parent.id`` names the unit that caused it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from logging_pipeline.console.event import Event, duration

__all__ = ["Mark", "Row", "Waterfall", "waterfall"]

WIDTH = 1_000.0  # units of the drawing; CSS stretches it
MAX_DEPTH = 8  # deeper ones are drawn at this depth
MAX_SERVICES = 6  # colours there are; the rest share the last
_NARROWEST = 3.0  # a shorter bar could not be seen
_TICKS = 4
_OWN = frozenset({"http.request", "task.run"})  # the events that tell of a whole unit of work
_MICROSECOND = timedelta(microseconds=1)
_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something is in the drawing, in its units; no *width*: a moment."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Row:
    """
    One event.

    Args:
        depth: how far below the trace's first unit of work, at most `MAX_DEPTH`.
        offset: since the trace's beginning.
        bar: when it was.
        wait: how long it waited in the queue before.
        waiting: where that is drawn; none when it did not wait.
        service: the number of its program, at most `MAX_SERVICES` - 1.
    """

    event: Event
    depth: int
    offset: timedelta
    bar: Mark
    wait: timedelta | None
    waiting: Mark | None
    service: int

    @property
    def unit(self) -> bool:
        """Whether it tells of a whole request or task."""
        return self.event.action in _OWN

    @property
    def failed(self) -> bool:
        """Whether it is an error."""
        return self.event.level in ("error", "critical")


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The whole trace: *services* in the order in which they joined, *ticks* of the axis and where, in percent."""

    start: datetime
    span: timedelta
    rows: tuple[Row, ...]
    services: tuple[tuple[str, int], ...]
    errors: int
    waits: bool
    ticks: tuple[tuple[timedelta, float], ...]


def waterfall(events: Sequence[Event]) -> Waterfall:
    """The drawing of *events*, at least one."""
    nested = list(_nested(events))
    start = min(_begin(event) for event in events)
    span = max(_end(event) for event in events) - start
    ordered = sorted(events, key=_place)
    names = list(dict.fromkeys(event.service for event in ordered if event.service))
    numbers = {name: min(number, MAX_SERVICES - 1) for number, name in enumerate(names)}
    rows = tuple(_row(event, depth, start, span, numbers.get(event.service, 0)) for event, depth in nested)
    return Waterfall(
        start,
        span,
        rows,
        tuple(numbers.items()),
        sum(row.failed for row in rows),
        any(row.waiting for row in rows),
        tuple((span * part / _TICKS, 100.0 * part / _TICKS) for part in range(_TICKS + 1)),
    )


def _nested(events: Sequence[Event]) -> Iterator[tuple[Event, int]]:
    """*events* with their depth: each unit, then what it logged and the units that it caused, by when they began."""
    units: dict[str, list[Event]] = defaultdict(list)
    for event in sorted(events, key=_place):
        units[_unit(event)].append(event)
    own = {unit: next((e for e in found if e.action in _OWN), None) for unit, found in units.items()}
    below: dict[str, list[str]] = defaultdict(list)
    for unit, found in units.items():
        below[next((p for e in found if (p := e.text("parent.id")) in units and p != unit), "")].append(unit)
    drawn: set[str] = set()

    def draw(unit: str, depth: int) -> Iterator[tuple[Event, int]]:
        drawn.add(unit)
        head = own[unit]
        if head is not None:
            yield head, depth
        inner = depth if head is None else depth + 1
        parts: list[tuple[tuple[datetime, datetime], Event | str]] = [
            (_place(event), event) for event in units[unit] if event is not head
        ]
        parts += [(_place(own[child] or units[child][0]), child) for child in below[unit]]
        for _when, part in sorted(parts, key=lambda p: p[0]):
            if isinstance(part, Event):
                yield part, min(inner, MAX_DEPTH)
            elif part not in drawn:
                yield from draw(part, min(inner, MAX_DEPTH))

    for unit in sorted(below[""], key=lambda name: _place(own[name] or units[name][0])):
        yield from draw(unit, 0)
    for unit in units:  # a ring of parents, which no producer of ours makes
        if unit not in drawn:
            yield from draw(unit, 0)


def _unit(event: Event) -> str:
    return event.text("span.id") or event.text("transaction.id") or event.id


def _place(event: Event) -> tuple[datetime, datetime]:
    return event.start, event.time


def _wait(event: Event) -> timedelta | None:
    found = duration(event.value("celery.task.queue_delay_ns"))
    return found or None


def _begin(event: Event) -> datetime:
    return event.start - (_wait(event) or _NOTHING)


def _end(event: Event) -> datetime:
    """Its time, or later when it says that it took longer."""
    return max(event.time, event.start + (event.duration or _NOTHING))


def _row(event: Event, depth: int, start: datetime, span: timedelta, service: int) -> Row:
    scale = WIDTH / (span / _MICROSECOND or 1)

    def mark(begin: datetime, took: timedelta | None) -> Mark:
        x = ((begin - start) / _MICROSECOND) * scale
        if not took:
            return Mark(round(x, 2), 0.0)
        width = max((took / _MICROSECOND) * scale, _NARROWEST)
        return Mark(round(min(x, WIDTH - width), 2), round(width, 2))

    wait = _wait(event)
    return Row(
        event=event,
        depth=depth,
        offset=event.start - start,
        bar=mark(event.start, event.duration),
        wait=wait,
        waiting=mark(event.start - wait, wait) if wait else None,
        service=service,
    )
