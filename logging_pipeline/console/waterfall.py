"""A trace drawn in time: when each of its events began, how long it took, in which program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from logging_pipeline.console.event import Event

__all__ = ["Row", "Waterfall", "waterfall"]

WIDTH = 1_000.0  # units of the drawing; CSS stretches it
_NARROWEST = 3.0  # a shorter bar could not be seen


@dataclass(frozen=True, slots=True)
class Row:
    """One event: *offset* since the trace's beginning; *x* and *width* in units of the drawing, no width: a moment."""

    event: Event
    offset: timedelta
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The whole trace: *services* in the order in which they joined."""

    start: datetime
    span: timedelta
    rows: tuple[Row, ...]
    services: tuple[str, ...]
    errors: int


def waterfall(events: Sequence[Event]) -> Waterfall:
    """The drawing of *events*, at least one, in the order in which they began."""
    ordered = sorted(events, key=lambda event: (event.start, event.time))
    start = ordered[0].start
    end = max(_end(event) for event in ordered)
    span = end - start
    scale = WIDTH / (span / timedelta(microseconds=1) or 1)
    rows = []
    for event in ordered:
        offset = event.start - start
        x = (offset / timedelta(microseconds=1)) * scale
        width = (event.duration / timedelta(microseconds=1)) * scale if event.duration else 0.0
        if event.duration:
            width = max(width, _NARROWEST)
            x = min(x, WIDTH - width)
        rows.append(Row(event, offset, round(x, 2), round(width, 2)))
    services = tuple(dict.fromkeys(event.service for event in ordered if event.service))
    errors = sum(event.level in ("error", "critical") for event in ordered)
    return Waterfall(start, span, tuple(rows), services, errors)


def _end(event: Event) -> datetime:
    """Its time, or later when it says that it took longer."""
    return max(event.time, event.start + (event.duration or timedelta(0)))
