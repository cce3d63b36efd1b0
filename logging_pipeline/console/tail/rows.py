"""An event on its way as the page shows it: short texts in pieces, so that the browser only ever makes text of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

import orjson

from logging_pipeline.console.event import Event
from logging_pipeline.console.text import pieces
from logging_pipeline.settings import LEVELS

__all__ = ["ROW_CHARS", "rows", "severity_of"]

ROW_CHARS = 300  # of one text
SEVERITY = {level: 10 * (index + 1) for index, level in enumerate(LEVELS)}

Matcher = Callable[[Mapping[str, Any]], bool]


def severity_of(level: str) -> int:
    """The number of a level; of an unknown one the highest, so that no filter hides it."""
    return SEVERITY.get(level, SEVERITY[LEVELS[-1]])


def rows(category: str, body: bytes, *, level: str, wanted: Matcher | None, zone: tzinfo) -> Iterator[dict[str, Any]]:
    """
    The rows of one message, in its order.

    Args:
        body: a batch as NDJSON. A line that is no JSON object is no event: the consumer answers for it.
        level: the lowest that is shown; empty: all.
        wanted: says of an event whether it is shown; None: all are.
        zone: of the times.
    """
    lowest = severity_of(level) if level else 0
    for line in body.split(b"\n"):
        try:
            source = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if not isinstance(source, dict):
            continue
        event = Event(id="", category=category, time=datetime.now(UTC), sort=[], source=source)
        if severity_of(event.level) < lowest or (wanted is not None and not wanted(source)):
            continue
        yield _row(event, zone)


def _row(event: Event, zone: tzinfo) -> dict[str, Any]:
    time = _time(event).astimezone(zone)
    trace = event.trace_id
    return {
        "id": event.text("event.id"),
        "time": time.isoformat(),
        "clock": time.strftime("%H:%M:%S.%f")[:-3],
        "level": event.level if event.level in LEVELS else "other",
        "trace": trace,
        "texts": {
            "level": _short(event.level or "none"),
            "category": _short(event.category),
            "action": _short(event.action),
            "message": _short(event.message),
            "error": _short(event.error),
            "service": _short(event.service),
            "trace": pieces(trace[:8]),
        },
    }


def _short(text: str) -> list[str]:
    return pieces(text if len(text) <= ROW_CHARS else text[: ROW_CHARS - 1] + "…")


def _time(event: Event) -> datetime:
    try:
        found = datetime.fromisoformat(event.text("@timestamp"))
    except ValueError:
        return event.time
    return found if found.tzinfo else found.replace(tzinfo=UTC)
