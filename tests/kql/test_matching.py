"""The predicate on events in memory, where no server is needed to know the answer."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from logging_pipeline.kql import Options, matcher, parse
from logging_pipeline.kql.dates import Clock, stored_ns
from logging_pipeline.kql.words import words
from tests.kql.strategies import CONTRACT


def holds(text: str, event: dict[str, Any]) -> bool:
    return matcher(parse(text), CONTRACT)(event)


@pytest.mark.parametrize(
    ("text", "event", "expected"),
    [
        ("http.route: a", {"http": {"route": "a"}}, True),
        ("http.route: a", {"http.route": "a"}, True),
        ("http.route: a", {"http": [{"route": "b"}, {"route": ["c", "a"]}]}, True),
        ("http.route: a", {"http": {"route": "A"}}, False),
        ("http.route: *", {"http": {"route": None}}, False),
        ("http.route: *", {"http": {"route": []}}, False),
        ("http.route: *", {"http": {"route": ""}}, True),
        ("http.route: *", {"http": {"route": "x" * 1_025}}, False),
        ("not http.route: a", {}, True),
        ("http.route: *", {"http": "not an object"}, False),
        ("event.sequence: 500", {"event": {"sequence": "500"}}, True),
        ("event.sequence: 500", {"event": {"sequence": 500.9}}, True),
        ("event.sequence: *", {"event": {"sequence": "many"}}, False),
        ("event.sequence: *", {"event": {"sequence": True}}, False),
        ("@timestamp: 2026-11-21", {"@timestamp": "2026-11-21T23:59:59.999999999Z"}, True),
        ("@timestamp: 2026-11-21", {"@timestamp": "2026-11-22T00:00:00Z"}, False),
        ("client.ip: 10.0.0.0/8", {"client": {"ip": "::ffff:10.9.9.9"}}, True),
        ("client.ip: *", {"client": {"ip": "unknown"}}, False),
        ("labels.a.b: x", {"labels": {"a": {"b": "x"}}}, True),
        ("labels.a.b: x", {"labels": {"a.b": "x"}}, True),
        ("labels: x", {"labels": {"a": ["y", "x"]}}, True),
        ("labels.n: 1.5", {"labels": {"n": 1.5}}, True),
        ("numeric_labels.*: 5", {"numeric_labels": {"a": {"b": 5}}}, True),
        ('message: "b c"', {"message": ["a b", "c d"]}, False),
        ('message: "b c"', {"message": "a b, c d"}, True),
    ],
)
def test_reads_an_event_as_the_index_does(text, event, expected):
    """Lists, dotted keys, numbers as text, null and values too long are read as Elasticsearch reads them."""
    assert holds(text, event) is expected


def test_now_is_the_clock_s_unless_it_is_given():
    """Without an instant of its own, a predicate takes the one at which it is made."""
    assert holds("@timestamp > now", {"@timestamp": "2200-01-01"})
    assert holds("@timestamp < now", {"@timestamp": "2026-01-01"})
    past = Options(now=datetime(2025, 6, 1, tzinfo=UTC))
    assert matcher(parse("@timestamp > now"), CONTRACT, past)({"@timestamp": "2026-01-01"})


def test_no_pattern_takes_longer_than_the_text_is_long():
    """Thirty wildcards against the worst value end at once."""
    found = matcher(parse("http.route: " + "a*" * 30 + "b"), CONTRACT)
    started = time.process_time()
    assert not any(found({"http": {"route": "a" * 1_024}}) for _ in range(100))
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize("piece", ["_", "a_", "a'", "1,", "é_", "\u0301", 'א"', "😀\u200d", "a", "é\u0301"])
def test_words_take_time_by_length(piece):
    """The longest text that an event can have, of the most awkward kind, is cut at once."""
    started = time.process_time()
    words(piece * (64_000 // len(piece)) + "é")
    assert time.process_time() - started < 2.0


def test_a_tail_keeps_up():
    """A filter as people write it looks at thousands of events a second."""
    event = {
        "@timestamp": "2026-11-21T10:00:00.123456Z",
        "message": "GET /product/tea-cup/ 200 in 12.5 ms",
        "http": {"route": "product/<slug>/", "response": {"status_code": 200}, "request": {"method": "GET"}},
        "log": {"level": "info"},
        "labels": {"a": "b", "c": "d"},
    }
    found = matcher(
        parse("http.response.status_code >= 500 or message: refused or log.level: (error or critical)"), CONTRACT
    )
    started = time.process_time()
    assert not any(found(event) for _ in range(5_000))
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(
    "text",
    ["2026-11-21T10:00", "2026-11-21T10", "2026-1-1", "2026-02-30", "2026-11-21 10:00:00", "", "2026Z", "1e12", "now"],
)
def test_dates_that_the_index_refuses(text):
    """An event's date is in the index' format or is none."""
    assert stored_ns(text) is None


def test_months_end_where_they_end():
    """A month from the last of January is the last of February, as in Elasticsearch."""
    clock = Clock(datetime(2026, 1, 31, tzinfo=UTC))
    assert clock.span("2026-01-31||+1M") == clock.span("2026-02-28||+0d")
    assert clock.span("2024-02-29||+1y") == clock.span("2025-02-28||-0d")
