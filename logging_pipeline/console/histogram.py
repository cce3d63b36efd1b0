"""
The events of a search over time, stacked by level: what to ask, and where each bar is drawn.

Honest: bars begin at zero, empty buckets are there, a bucket of which the range covers only a part is marked, and the
page says how wide a bucket is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from logging_pipeline.console.timerange import TimeRange
from logging_pipeline.dashboards.window import Window
from logging_pipeline.settings import LEVELS

__all__ = ["Bar", "Histogram", "Segment", "aggregation", "read"]

WIDTH, HEIGHT = 1_000.0, 100.0  # units of the drawing; CSS stretches it
MAX_BARS = 90
MAX_TICKS = 9
OTHER = "other"  # events without one of the five levels


@dataclass(frozen=True, slots=True)
class Segment:
    """One level's part of a bar; *y* and *height* in units of the drawing, from its top."""

    level: str
    count: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One bucket: *start* belongs to it, *end* does not."""

    start: datetime
    end: datetime
    count: int
    partial: bool
    x: float
    width: float
    segments: tuple[Segment, ...]

    @property
    def top(self) -> float:
        """Where its topmost part begins."""
        return self.segments[-1].y if self.segments else HEIGHT


@dataclass(frozen=True, slots=True)
class Histogram:
    """The bars, the count at the top of the scale, a bucket's width in words, and how many events each level has."""

    bars: tuple[Bar, ...]
    top: int
    width: str
    by_level: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """How many events the bars show, exactly."""
        return sum(bar.count for bar in self.bars)

    @property
    def has_partial(self) -> bool:
        """Whether a bar is marked."""
        return any(bar.partial for bar in self.bars)

    @property
    def ticks(self) -> tuple[tuple[datetime, float], ...]:
        """Bars for the axis to name: when each begins, at round times, and where, in percent of the width."""
        if not self.bars:
            return ()
        step_ms, _words = Window(self.bars[0].start, self.bars[-1].end).width_for(MAX_TICKS)
        places = ((bar.start, round(100 * n / len(self.bars), 3)) for n, bar in enumerate(self.bars))
        return tuple((start, place) for start, place in places if _ms(start) % step_ms == 0)


def aggregation(time: TimeRange) -> dict[str, Any]:
    """The aggregation whose answer `read` takes."""
    width_ms, _words = _width(time)
    bounds = {"min": _ms(time.start), "max": _ms(time.end - timedelta(microseconds=1))}
    histogram = {
        "field": "@timestamp",
        "fixed_interval": f"{width_ms}ms",
        "min_doc_count": 0,
        "extended_bounds": bounds,
    }
    return {"date_histogram": histogram, "aggs": {"levels": {"terms": {"field": "log.level", "size": len(LEVELS) * 2}}}}


def read(answer: dict[str, Any], time: TimeRange) -> Histogram:
    """The drawing of *answer*, Elasticsearch's for `aggregation` of the same *time*."""
    width_ms, words = _width(time)
    counted = [(bucket["key"], _levels(bucket)) for bucket in answer["buckets"]]
    highest = max((sum(levels.values()) for _key, levels in counted), default=0)
    top = _round_up(highest)
    step = WIDTH / max(1, len(counted))
    bars = []
    for position, (key, levels) in enumerate(counted):
        start = datetime.fromtimestamp(key / 1000, UTC)
        end = start + timedelta(milliseconds=width_ms)
        partial = start < time.start or end > time.end
        x, width = round(position * step + step * 0.08, 2), round(step * 0.84, 2)
        bars.append(Bar(start, end, sum(levels.values()), partial, x, width, _stack(levels, top)))
    totals = {level: sum(levels.get(level, 0) for _key, levels in counted) for level in (*reversed(LEVELS), OTHER)}
    return Histogram(tuple(bars), top, words, tuple((level, n) for level, n in totals.items() if n))


def _width(time: TimeRange) -> tuple[int, str]:
    """The width of a bucket, milliseconds and words."""
    return Window(time.start, time.end).width_for(MAX_BARS)


def _levels(bucket: dict[str, Any]) -> dict[str, int]:
    found = {level["key"]: level["doc_count"] for level in bucket["levels"]["buckets"] if level["key"] in LEVELS}
    rest = bucket["doc_count"] - sum(found.values())
    return {**found, OTHER: rest} if rest else found


def _stack(levels: dict[str, int], top: int) -> tuple[Segment, ...]:
    """The worst at the bottom, where lengths can be compared."""
    segments: list[Segment] = []
    below = 0.0
    for level in (*reversed(LEVELS), OTHER):
        if count := levels.get(level, 0):
            height = HEIGHT * count / top
            below += height
            segments.append(Segment(level, count, round(HEIGHT - below, 3), round(height, 3)))
    return tuple(segments)


def _round_up(count: int) -> int:
    """The next number that reads well at the top of a scale, with a whole half: 2, 4, 6, 8, 10, 20, 40, …"""
    magnitude: int = 10 ** (len(str(count)) - 1)
    return next(magnitude * factor for factor in (1, 2, 4, 6, 8, 10) if magnitude * factor >= max(count, 2))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
