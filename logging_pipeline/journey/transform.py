"""
Stage 11 of 12: run the Logstash filters.

The filters come as one callable, compiled from ``logstash/*.conf``; a real Logstash may stand here instead. An event on
which they fail altogether is tagged and goes on as it was: nothing disappears here unseen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["FAILURE_TAG", "Decode", "Filters", "Transformed", "transform"]

Event = dict[str, Any]

FAILURE_TAG = "_transform_failure"


@dataclass(frozen=True, slots=True)
class Transformed:
    """
    What came out of the filters.

    Args:
        events: what goes on, in order; a filter may have added some.
        dropped: events that the filters let vanish, as they came, each with the reason.
        failed: how many of *events* are tagged `FAILURE_TAG`.
    """

    events: list[Event]
    dropped: list[tuple[Event, str]]
    failed: int = 0


Filters = Callable[[list[Event]], Transformed]
Decode = Callable[[bytes], list[Event]]


def transform(lines: list[bytes], *, decode: Decode, filters: Filters) -> Transformed:
    """
    Decode *lines* and run *filters* over the events; never raises.

    A batch on which the filters fail is tried line by line, so that one event's fault stays its own.

    Args:
        decode: the input's codec; tags what it cannot read.
        filters: may change the events that it is given.
    """
    try:
        return filters([event for line in lines for event in decode(line)])
    except Exception as error:  # noqa: BLE001  # any fault of a filter must cost no event
        if len(lines) == 1:
            return _tagged(decode(lines[0]), error)
    parts = [transform([line], decode=decode, filters=filters) for line in lines]
    return Transformed(
        [event for part in parts for event in part.events],
        [pair for part in parts for pair in part.dropped],
        sum(part.failed for part in parts),
    )


def _tagged(events: list[Event], error: Exception) -> Transformed:
    for event in events:
        tags = event.get("tags")
        event["tags"] = [*(tags if isinstance(tags, list) else []), FAILURE_TAG]
        reason = f"the Logstash filters failed: {error}"[:1_000]
        event.setdefault("error", {"type": type(error).__name__, "message": reason})
    return Transformed(events, [], len(events))
