"""The rows of a list: what they say, where they lead, and that text of events stays text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from logging_pipeline.console.columns import columns
from logging_pipeline.console.event import Event
from logging_pipeline.console.event_rows import event_rows
from logging_pipeline.console.search import Search
from logging_pipeline.console.timerange import TimeRange
from logging_pipeline.contract import contract
from tests.console.conftest import mount

NOON = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)
NASTY = "<script>\"'&\u202eabc\x1b[31m"


@pytest.fixture(autouse=True)
def _mounted(settings: Any) -> None:
    mount(settings, {})


def event(time: datetime = NOON, category: str = "http", **source: Any) -> Event:
    return Event(id=f"e{time:%d%H%M}", category=category, time=time, sort=[], source=source)


def rows(*events: Event, names: tuple[str, ...] = (), **more: Any) -> list[str]:
    """The rows' HTML."""
    return event_rows(events, columns(contract(), names), **more).split("</tr>")[:-1]


def test_text_of_events_is_text():
    """Markup is shown, not obeyed, and what cannot be seen is shown by its code point, in every cell."""
    html = "".join(
        rows(
            event(
                message=NASTY,
                log={"level": NASTY},
                event={"action": NASTY},
                service={"name": NASTY},
                trace={"id": NASTY},
                category=NASTY,
            )
        )
    )
    assert "<script" not in html
    assert not re.search("[\u202e\x1b]", html)
    assert html.count("&lt;script&gt;") == 7  # six cells, and the title of the trace
    assert html.count('title="U+202E"') == 5  # of the trace only the beginning is shown
    assert "data-filter" not in html


def test_the_date_stands_where_it_changes():
    """The first row of a day says which it is, in the reader's zone; every row says its time to the millisecond."""
    with timezone.override("Asia/Tokyo"):  # nine hours later
        found = rows(event(NOON + timedelta(hours=5)), event(NOON), event(NOON - timedelta(hours=5)))
    days = [re.findall(r'<span class="day">([^<]*)</span>', row) for row in found]
    assert days == [["2026-03-02"], ["2026-03-01"], []]
    assert "2026-03-02T" not in "".join(found)  # the attribute is in UTC
    assert ">21:00:00.123</time>" in found[1]
    assert 'title="2026-03-01 21:00:00.123456+09:00"' in found[1]


def test_equal_cells_are_the_same_and_others_are_their_own():
    """Two events that share a level do not share a category, a duration or a trace."""
    first, second = rows(
        event(log={"level": "info"}, message="paid", event={"duration": 12_000_000}, trace={"id": "a" * 32}),
        event(
            NOON - timedelta(seconds=1),
            "task",
            log={"level": "info"},
            message="paid",
            event={"duration": 2_000_000_000},
            trace={"id": "b" * 32},
        ),
    )
    assert first.count('data-filter="log.level:info"') == second.count('data-filter="log.level:info"') == 1
    assert '<td class="category">http</td>' in first
    assert '<td class="category">task</td>' in second
    assert 'paid <span class="took">12 ms</span>' in first
    assert 'paid <span class="took">2 s</span>' in second
    assert ">aaaaaaaa</a>" in first
    assert ">bbbbbbbb</a>" in second


def test_an_error_is_told_beside_what_was_being_done():
    """Its type and its words follow the message, escaped and cut, unless the message says them already."""
    broken = {"type": "ValueError", "message": "<b>no number</b> \u202e" + "x" * 900}
    told, said, unnamed, none = rows(
        event(message="order.failed", error=broken, event={"duration": 12_000_000}),
        event(message="KeyError: 'sku'", error={"type": "KeyError", "message": "'sku'"}),
        event(message="order.failed", error={"message": "late"}),
        event(message="paid"),
    )
    assert "ValueError: &lt;b&gt;no number" in told
    assert "\u202e" not in told
    assert told.count("x") < 310
    assert re.search(r'order.failed <span class="took">12 ms</span> <span class="error">', told)
    assert 'class="error"' not in said + none
    assert 'order.failed <span class="error">late</span>' in unnamed


def test_links_go_on_with_the_search_but_not_with_its_place():
    """An event's page knows the search that found it; the page of the list on which it stood does not matter."""
    search = Search(TimeRange("now-1h", "now", NOON - timedelta(hours=1), NOON), text="a&b", after="abc")
    (row,) = rows(event(), search=search)
    link = re.search(r'class="open" href="([^"]*)"', row)
    assert link
    assert unescape(link[1]) == "/ops/logs/event/?id=e011200&q=a%26b&from=now-1h&to=now"


def test_one_event_can_be_marked():
    """The event in whose neighbourhood the others are is marked, and no other."""
    marked, other = rows(event(), event(NOON - timedelta(hours=1)), current="e011200")
    assert 'aria-current="true"' in marked
    assert "aria-current" not in other


def test_a_chosen_column_says_what_it_is():
    """Values of a field that is no usual column carry its name, for a narrow page that has no head."""
    (row,) = rows(event(http={"route": "cart/"}), names=("http.route", "message"))
    assert 'data-title="http.route" data-filter="http.route:cart/">cart/</td>' in row
    assert row.count("data-title") == 1
