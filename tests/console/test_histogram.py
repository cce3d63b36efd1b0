"""Events over time: the arithmetic of the drawing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from logging_pipeline.console.histogram import HEIGHT, MAX_BARS, WIDTH, aggregation, read
from logging_pipeline.console.timerange import TimeRange

NOW = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)


def between(start: str, end: str = "now") -> TimeRange:
    return TimeRange.parse(start, end, now=NOW, zone=UTC)


def bucket(time: datetime, count: int, **levels: int) -> dict:
    found = [{"key": level, "doc_count": n} for level, n in levels.items()]
    return {"key": int(time.timestamp() * 1000), "doc_count": count, "levels": {"buckets": found}}


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("now-5m", "5 s"),
        ("now-15m", "10 s"),
        ("now-1h", "1 min"),
        ("now-4h", "5 min"),
        ("now-24h", "30 min"),
        ("now-7d", "2 h"),
    ],
)
def test_bars_have_a_round_width_that_the_page_can_name(start, words):
    """Each range of the picker has a bucket width that people use, and not too many bars."""
    time = between(start)
    assert read({"buckets": []}, time).width == words
    interval_ms = int(aggregation(time)["date_histogram"]["fixed_interval"].removesuffix("ms"))
    assert (time.end - time.start) / timedelta(milliseconds=interval_ms) <= MAX_BARS


def test_any_range_has_a_width():
    """From a microsecond to the whole span of the index."""
    for start, end in (("2026-03-01T12:00:00", "2026-03-01T12:00:00.000001"), ("1970-01-01", "2261-12-31")):
        assert read({"buckets": []}, between(start, end)).bars == ()


def test_heights_are_proportional_and_begin_at_zero():
    """Twice as many events are twice as high; the bottom part ends at the base line; the parts add up."""
    time = between("2026-03-01T12:00:00", "2026-03-01T12:00:02")
    first, second = time.start, time.start + timedelta(seconds=1)
    found = read({"buckets": [bucket(first, 10, info=8, error=2), bucket(second, 5, info=4)]}, time)
    heights = [sum(part.height for part in bar.segments) for bar in found.bars]
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.01)
    assert heights[0] == pytest.approx(HEIGHT * 10 / found.top, abs=0.01)
    assert [part.level for part in found.bars[0].segments] == ["error", "info"]
    for bar in found.bars:
        assert bar.segments[0].y + bar.segments[0].height == pytest.approx(HEIGHT, abs=0.01)
    assert found.total == 15
    assert found.by_level == (("error", 2), ("info", 12), ("other", 1))


def test_a_bucket_only_partly_in_the_range_is_marked():
    """The first and the last bar are marked exactly when the range does not cover them."""
    time = between("2026-03-01T11:00:20", "2026-03-01T11:03:00")
    start = datetime(2026, 3, 1, 11, 0, 20, tzinfo=UTC)
    assert [bar.partial for bar in read({"buckets": [bucket(start, 1)]}, time).bars] == [False]
    start = datetime(2026, 3, 1, 11, 0, 18, tzinfo=UTC)
    assert [bar.partial for bar in read({"buckets": [bucket(start, 1)]}, time).bars] == [True]


def test_empty_buckets_keep_their_place():
    """A gap is a gap: bars stand where their time is, and none is drawn for nothing."""
    time = between("2026-03-01T12:00:00", "2026-03-01T12:00:04")
    buckets = [bucket(time.start + timedelta(seconds=n), n % 2) for n in range(4)]
    bars = read({"buckets": buckets}, time).bars
    assert [bar.segments == () for bar in bars] == [True, False, True, False]
    assert [round(bar.x / (WIDTH / 4)) for bar in bars] == [0, 1, 2, 3]


def test_the_axis_names_round_times_where_they_are():
    """A tick stands at the left edge of the bar whose beginning it names."""
    time = between("2026-03-01T11:00:00", "2026-03-01T12:00:00")
    buckets = [bucket(time.start + timedelta(minutes=n), 1) for n in range(60)]
    ticks = read({"buckets": buckets}, time).ticks
    assert [(moment.minute, place) for moment, place in ticks] == [
        (0, 0.0), (10, 16.667), (20, 33.333), (30, 50.0), (40, 66.667), (50, 83.333),
    ]  # fmt: skip
