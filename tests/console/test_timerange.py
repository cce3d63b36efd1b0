"""From when to when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from logging_pipeline.console.problems import BadParameter
from logging_pipeline.console.timerange import RELATIVE, TimeRange, iso

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ZAGREB = ZoneInfo("Europe/Zagreb")


def parse(start: str, end: str = "now") -> TimeRange:
    return TimeRange.parse(start, end, now=NOW, zone=ZAGREB)


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("now-30s", timedelta(seconds=30)),
        ("now-15m", timedelta(minutes=15)),
        ("now-4h", timedelta(hours=4)),
        ("now-7d", timedelta(days=7)),
        ("now-2w", timedelta(weeks=2)),
    ],
)
def test_relative_times_count_from_now(text, ago):
    """A relative range ends now and begins that long ago."""
    assert (parse(text).start, parse(text).end) == (NOW - ago, NOW)


def test_times_without_an_offset_are_the_viewers():
    """What the viewer types is in the zone that the page names; an offset in the text wins."""
    found = parse("2026-03-01T10:00", "2026-03-01T09:30:00.5Z")
    assert found.start == datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    assert found.end == datetime(2026, 3, 1, 9, 30, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "now-15",
        "now-15y",
        "now+1h",
        "now/d",
        "2026-13-01",
        "",
        "now-999999w",
        "1066-10-14",
        "9999-12-31",
        "٣",
    ],
)
def test_what_is_no_time_is_refused_with_the_cure(text):
    """Anything else, or beyond what the index can hold, names the parameter and shows how to write it."""
    with pytest.raises(BadParameter, match=r"^from: .*Write now, now-15m"):
        parse(text)


def test_the_end_must_be_after_the_start():
    """A range that holds nothing is refused, not silently empty."""
    with pytest.raises(BadParameter, match="is not after"):
        parse("2026-03-01T12:00", "2026-03-01T12:00")


def test_a_frozen_range_reads_back_as_the_same_moments():
    """The pages of one result share their moments to the microsecond."""
    found = TimeRange.parse("now-1h", "now", now=NOW + timedelta(microseconds=123_456), zone=UTC)
    assert parse(found.frozen.start_text, found.frozen.end_text).start == found.start
    assert iso(found.end) == "2026-03-01T12:00:00.123456Z"


@pytest.mark.parametrize(
    "ago", [timedelta(seconds=20), timedelta(minutes=50), timedelta(days=6, hours=20), timedelta(days=90)]
)
def test_a_link_from_an_event_reaches_that_event(ago):
    """The search that an event links to covers the event's own time, however old it is."""
    moment = NOW - ago
    found = TimeRange.reaching(moment, now=NOW)
    again = TimeRange.parse(found.start_text, found.end_text, now=NOW, zone=UTC)
    assert again.start < moment < again.end


def test_the_picker_offers_what_can_be_read():
    """Every choice of the picker parses and has words."""
    assert [parse(text).words for text, _label, _words in RELATIVE] == [words for _text, _label, words in RELATIVE]
