"""Drawings are honest and safe: bars from zero, gaps stay gaps, text of events is text."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import zip_longest
from typing import Any
from xml.etree import ElementTree

import pytest

from logging_pipeline.dashboards.drawing import View
from logging_pipeline.dashboards.model import Breakdown, Grid, Measure, Panel
from logging_pipeline.dashboards.pick import Pick
from logging_pipeline.dashboards.registry import panel_types
from logging_pipeline.dashboards.series import colour
from logging_pipeline.dashboards.table import Row, Table
from logging_pipeline.dashboards.units import number, top_of_scale
from logging_pipeline.dashboards.window import Window

END = datetime(2026, 3, 4, 12, 34, 56, tzinfo=UTC)
WINDOW = Window(END - timedelta(hours=1), END)
COUNT = Measure("count", "Events")
HOSTILE = '"><script>alert(1)</script>'
SETTINGS: dict[str, dict[str, Any]] = {
    "gauge": {"target": 1, "max": 10, "better": "lower"},
    "markdown": {"text": f"**bold** {HOSTILE} ![x](https://example.com/x.png) [bad](javascript:alert(1))"},
    "log_list": {"fields": ["message"]},
}


def panel(kind: str, *measures: Measure) -> Panel:
    return Panel(
        "p", kind, "P", "Q?", Grid(0, 0, 10, 10), ("http",), measures=measures, settings=SETTINGS.get(kind, {})
    )


def over_time(*values: float | None, label: str | None = None, measure: Measure = COUNT) -> Table:
    keys: tuple[str, ...] = () if label is None else (label,)
    rows = (Row((*keys, start), (value,)) for start, value in zip_longest(WINDOW.starts_ms, values))
    return Table((*(["route"] if keys else []), "time"), (measure,), tuple(rows), (sum(filter(None, values)),))


def by_value(*pairs: tuple[str, float | None]) -> Table:
    return Table(("route",), (COUNT,), tuple(Row((key,), (value,)) for key, value in pairs), (1.0,), not_shown=7)


def draw(kind: str, table: Table, view: View | None = None) -> str:
    return str(panel_types()[kind].draw(panel(kind, COUNT), table, view or View(WINDOW)))


@pytest.mark.parametrize("kind", sorted(panel_types()))
def test_text_of_events_is_text(kind: str):
    """Markup in a value is shown, never run; a drawing has neither style nor script, and is well-formed."""
    table = {
        "line": over_time(1.0, 2.0, label=HOSTILE),
        "area": over_time(1.0, 2.0, label=HOSTILE),
        "stacked_bar": over_time(1.0, 2.0, label=HOSTILE),
        "heatmap": over_time(1.0, 2.0, label=HOSTILE),
        "percentiles": over_time(1.0, 2.0),
        "metric": over_time(1.0, 2.0),
        "gauge": Table((), (COUNT,), (), (5.0,)),
        "markdown": Table((), (), ()),
        "log_list": Table(("@timestamp", "message", "id"), (), (Row((WINDOW.starts_ms[0], HOSTILE, HOSTILE), ()),)),
    }.get(kind, by_value((HOSTILE, 3.0), ("b", 1.0)))

    html = draw(kind, table, View(WINDOW, link=lambda row: f"/logs/?{HOSTILE}"))

    assert "<script" not in html
    assert " style=" not in html
    assert " on" not in re.sub(r">[^<]*<", "><", html)
    assert "javascript:" not in re.findall(r'href="([^"]*)"', html)
    assert "<img" not in html
    ElementTree.fromstring(f"<x>{html}</x>")  # noqa: S314  # made just here


@pytest.mark.parametrize("kind", ["line", "stacked_bar", "heatmap", "table", "horizontal_bar", "pie", "log_list"])
def test_what_cannot_be_seen_is_named(kind: str):
    """A value cannot reverse what is read beside it, nor half a character break the page, also where a script draws."""
    hostile = "\u202egnp.exe\ud800\x1b[2J"
    table = {
        "table": by_value((hostile, 3.0)),
        "horizontal_bar": by_value((hostile, 3.0)),
        "pie": by_value((hostile, 3.0)),
        "log_list": Table(("@timestamp", "message", "id"), (), (Row((WINDOW.starts_ms[0], hostile, "id"), ()),)),
    }.get(kind, over_time(1.0, 2.0, label=hostile))
    html = draw(kind, table)
    html.encode()
    assert not re.search("[\u202e\x1b]", html)
    assert "&lt;U+202E&gt;gnp.exe&lt;U+D800&gt;&lt;U+001B&gt;[2J" in html
    for chart in re.findall(r'data-chart="([^"]+)"', html):
        assert json.loads(unescape(chart))["series"][0]["label"] == "<U+202E>gnp.exe<U+D800><U+001B>[2J"


def test_bars_begin_at_zero_and_are_in_proportion():
    """Each bar ends at the bottom of the drawing, and twice as many is twice as high."""
    found = re.findall(
        r'<rect class="series-0[^"]*"[^>]* y="([\d.]+)" [^>]*height="([\d.]+)"',
        draw("stacked_bar", over_time(5.0, 10.0)),
    )
    (low_y, low), (high_y, high) = [(float(y), float(h)) for y, h in found]

    assert high == pytest.approx(2 * low)
    assert low_y + low == pytest.approx(100)
    assert high_y + high == pytest.approx(100)


def test_a_gap_stays_a_gap():
    """A bucket without a value interrupts the line instead of drawing it through zero; a lone value is still seen."""
    path = re.search(r' d="([^"]+)"', draw("line", over_time(1.0, 1.0, None, 1.0, None, 1.0, 1.0)))

    assert path is not None
    assert path[1].count("M") == 3
    assert path[1].count("h") == 1


def test_partial_buckets_are_pale_and_the_width_is_said():
    """What the window cuts is marked, and the reader learns how wide a step is."""
    html = draw("stacked_bar", over_time(*([1.0] * len(WINDOW.starts_ms))))

    assert html.count(" partial") == 2
    assert "one step = 1 min" in html
    assert "pale: only partly in the range" in html


def test_what_is_not_shown_is_said():
    """A reader learns how many events are in groups beyond those drawn."""
    for kind in ("horizontal_bar", "pie", "table"):
        assert "7 events of other values not shown" in draw(kind, by_value(("a", 2.0)))
        assert "1 event of other values not shown" in draw(kind, replace(by_value(("a", 2.0)), not_shown=1))


@pytest.mark.parametrize(("value", "state"), [(0.5, "kept"), (5.0, "missed"), (500.0, "missed"), (None, "none")])
def test_a_gauge_says_whether_its_target_is_kept(value: float | None, state: str):
    """Beyond its end the bar is full and the number is still said; without events it says neither."""
    html = draw("gauge", Table((), (COUNT,), (), (value,)))

    assert f'class="gauge {state}"' in html
    assert f'class="value">{number(value)}<' in html


@pytest.mark.parametrize(("highest", "top"), [(0, 1), (0.03, 0.03), (7, 8), (10, 10), (11, 15), (1_234, 1_500)])
def test_scales_end_at_round_numbers(highest: float, top: float):
    """A scale holds every value, and its top reads well."""
    assert top_of_scale([None, highest]) == pytest.approx(top)


def test_a_slice_of_everything_is_a_whole_circle():
    """One value alone fills the pie, without a seam; a ring keeps its hole."""
    html = draw("pie", by_value(("a", 4.0)))
    assert re.findall(r' d="([^"]+)"', html) == ["M50 2A48 48 0 0 1 50 98A48 48 0 0 1 50 2Z"]
    assert ">100 %<" in html
    ring = replace(panel("pie", COUNT), settings={"ring": True})
    html = panel_types()["pie"].draw(ring, by_value(("a", 4.0)), View(WINDOW))
    assert re.findall(r"A22 22 0 0 (\d)", html) == ["0", "0"], "the hole is drawn the other way round"


def test_numbers_in_words():
    """Durations, sizes and money are read in units that people use."""
    assert number(1_234_000_000.0, "ns") == "1.23 s"
    assert number(2048.0, "bytes") == "2 KiB"
    assert number(0.0, "ns") == "0"
    assert number(999_600_000.0, "ns") == "1,000 ms"
    assert number(12_345_678.0, "ns") == "12.3 ms"
    assert number(123_456.0, "cents") == "1,234.56"
    assert number(123_456.0, "euro_cents") == "€1,234.56"
    assert number(-50.0, "dollar_cents") == "-$0.50"
    assert number(1_234.0) == "1,234"
    assert number(0.034, "percent") == "3.4 %"
    assert number(0.000_01, "percent") == "< 0.01 %"
    assert number(0.0123, "percent") == "1.23 %"
    assert number(None) == "-"


def test_groups_by_filter_keep_their_labels():
    """A breakdown has one name, whatever it is by."""
    assert Breakdown("http.route").title == "http.route"
    assert Breakdown(filters=(("a", "b:c"),), label="Step").title == "Step"


def test_a_column_leads_to_its_bucket_and_says_all_its_numbers():
    """Above every bucket lies one link, for all groups of it, whose title has the number of each."""
    rows = [
        Row((name, start), (value,))
        for name, value in (("a", 3.0), ("b", 4.0))
        for start in WINDOW.starts_ms
    ]  # fmt: skip
    table = Table(("route", "time"), (COUNT,), tuple(rows), (7.0,))
    html = draw("stacked_bar", table, View(WINDOW, at=lambda start_ms: f"/logs/?{start_ms}"))

    assert html.count('class="hit"') == len(WINDOW.starts_ms)
    assert [int(link) for link in re.findall(r'href="/logs/\?(\d+)"[^>]*><rect', html)] == list(WINDOW.starts_ms)
    assert html.count("a: 3\nb: 4</title>") == len(WINDOW.starts_ms)


def test_a_legend_narrows_and_a_script_learns_where_a_series_leads():
    """The name of a series leads to the narrowed dashboard; its own events are in what the script reads."""
    html = draw(
        "stacked_bar",
        over_time(1.0, 2.0, label="checkout"),
        View(WINDOW, link=lambda row: f"/logs/{row.keys[0]}", narrow=lambda row: f"/narrow/{row.keys[0]}"),
    )
    told = re.search(r'data-chart="([^"]+)"', html)

    assert 'href="/narrow/checkout"' in html
    assert told is not None
    series = json.loads(unescape(told[1]))["series"]
    assert [(s["label"], s["link"], s["values"][:2]) for s in series] == [("checkout", "/logs/checkout", [1.0, 2.0])]


def test_bad_news_has_its_own_colour():
    """What is known to be a failure is drawn as one, wherever it stands in the legend; anything else by its place."""
    assert [colour(label, 2) for label in ("error", "auth.failed", "5xx", "FAILURE", "declined", "4xx")] == [
        "level-error", "level-error", "level-error", "level-error", "level-warning", "level-warning",
    ]  # fmt: skip
    assert [colour("anything", place) for place in (2, 9, 12)] == ["series-2", "series-9", "series-2"]


def test_a_row_is_picked_by_its_values_its_conditions_and_its_bucket():
    """What a mark stands for is said in a search's words; a key that is None narrows nothing."""
    kinds = panel_types()
    split = replace(panel("stacked_bar", COUNT), breakdowns=(Breakdown("http.route"),))
    steps = replace(panel("horizontal_bar", COUNT), breakdowns=(Breakdown(filters=(("Paid", "a.b:c"),)),))

    assert kinds["stacked_bar"].pick(split, Row(("cart/", 60_000), ())) == Pick((("http.route", "cart/"),), (), 60_000)
    assert kinds["stacked_bar"].pick(split, Row((None, 60_000), ())) == Pick(start_ms=60_000)
    assert kinds["horizontal_bar"].pick(steps, Row(("Paid",), ())) == Pick(conditions=("a.b:c",))
    assert kinds["log_list"].pick(panel("log_list"), Row((0, "text", "id-1"), ())) == Pick(event="id-1")


@pytest.mark.parametrize("kind", ["stacked_bar", "line", "heatmap", "pie", "horizontal_bar", "table"])
def test_a_link_has_words_or_is_passed_by(kind: str):
    """Whoever hears the page or goes through it by keyboard meets each link once, and each has a name."""
    table = over_time(1.0, 2.0, label="a") if kind in ("stacked_bar", "line", "heatmap") else by_value(("a", 1.0))
    view = View(WINDOW, link=lambda row: "/logs/", narrow=lambda row: "/narrow/")
    links = re.findall(r"<a ([^>]*)>(.*?)</a>", draw(kind, table, view), re.DOTALL)

    assert links
    for attributes, content in links:
        words = re.sub(r"<title>.*?</title>|<[^>]+>", "", content, flags=re.DOTALL).strip()
        assert bool(words) != ('tabindex="-1" aria-hidden="true"' in attributes), content
