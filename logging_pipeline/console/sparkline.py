"""Events over time, small: bars from zero on one common axis of time, as one path."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from logging_pipeline.console.timerange import TimeRange

__all__ = ["BARS", "Sparkline", "aggregation", "read"]

BARS = 30
HEIGHT = 24
_STEP, _WIDTH = 4, 3  # units of the drawing, a bar and the space behind it
_SECOND_MS = 1_000


@dataclass(frozen=True, slots=True)
class Sparkline:
    """*path* is what SVG draws in *width* by `HEIGHT` units; *top* the most events in a bar, *each* how long one is."""

    path: str
    width: int
    top: int
    each: str


def aggregation(time: TimeRange) -> dict[str, Any]:
    """The aggregation whose answer `read` takes."""
    return {"date_histogram": {"field": "@timestamp", "fixed_interval": f"{_each_ms(time)}ms", "min_doc_count": 1}}


def read(answer: dict[str, Any], time: TimeRange) -> Sparkline:
    """The drawing of *answer*, Elasticsearch's for `aggregation` of the same *time*."""
    each_ms = _each_ms(time)
    first = int(time.start.timestamp() * 1_000) // each_ms
    last = int((time.end - timedelta(microseconds=1)).timestamp() * 1_000) // each_ms
    counts = {bucket["key"] // each_ms - first: bucket["doc_count"] for bucket in answer["buckets"]}
    top = max(counts.values(), default=0)
    bars = (
        f"M{place * _STEP} {HEIGHT}v-{max(1.0, HEIGHT * count / top):.3g}h{_WIDTH}V{HEIGHT}z"
        for place, count in sorted(counts.items())
        if 0 <= place <= last - first
    )
    return Sparkline("".join(bars), (last - first + 1) * _STEP, top, _words(each_ms))


def _each_ms(time: TimeRange) -> int:
    """How long a bar is: whole seconds."""
    span_ms = (time.end - time.start) / timedelta(milliseconds=1)
    return max(_SECOND_MS, int(-(-span_ms // (BARS * _SECOND_MS))) * _SECOND_MS)


def _words(each_ms: int) -> str:
    seconds = each_ms // _SECOND_MS
    return next(f"{seconds // length:,} {unit}" for unit, length in _UNITS if seconds % length == 0)


_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
