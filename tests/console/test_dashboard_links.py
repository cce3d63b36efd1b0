"""A dashboard's address says its whole state, and its links what is behind a number: no page is drawn here."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict

from logging_pipeline.console.dashboard_links import PanelLinks
from logging_pipeline.console.dashboard_page import definitions
from logging_pipeline.console.dashboard_state import DashboardState
from logging_pipeline.console.problems import BadParameter
from logging_pipeline.contract import contract
from logging_pipeline.dashboards.registry import panel_types
from logging_pipeline.dashboards.table import Row
from logging_pipeline.dashboards.window import Window
from tests.console.known_day import DAY, NOW

EVERY = definitions(Path(__file__).resolve().parents[2] / "dashboards/definitions")


def state(**changes: Any) -> DashboardState:
    return DashboardState.parse(QueryDict(DAY), contract(), "now-1h", now=NOW, zone=UTC).but(**changes)


def test_the_state_survives_its_address():
    """What a state writes into an address, it reads back the same; a click replaces filters of its field."""
    query = f"{DAY}&filter=log.level:error&filter=-http.route:a%26b/&refresh=1m"
    first = DashboardState.parse(QueryDict(query), contract(), "now-1h", now=NOW, zone=UTC)
    again = DashboardState.parse(QueryDict(first.link[1:]), contract(), "now-1h", now=NOW, zone=UTC)

    assert again == first
    assert [str(f) for f in first.filters] == ["log.level:error", "-http.route:a&b/"]
    assert first.free_of({"log.level"}) == first.toggled(first.filters[0])
    relative = DashboardState.parse(QueryDict(""), contract(), "now-24h", now=NOW, zone=UTC)
    assert relative.pairs == [("from", "now-24h"), ("to", "now")]
    with pytest.raises(BadParameter, match="refresh"):
        DashboardState.parse(QueryDict("refresh=x"), contract(), "now-1h", now=NOW, zone=UTC)


def test_links_say_what_the_panel_counts():
    """The panel's filter, its categories, its bucket cut to the range, the page's filters: all are in the link."""
    by_id = {panel.id: panel for board in EVERY for panel in board.panels if board.id == "http"}
    requests = by_id["requests"]
    window = Window(NOW - timedelta(hours=1), NOW)
    links = PanelLinks(requests, panel_types()["area"], window, state(), contract())
    bucket = window.starts_ms[0]
    query = parse_qs(urlsplit(links.link(Row(("5xx", bucket), ()))).query)

    assert query == {
        "q": ["event.action:http.request"],
        "category": ["http"],
        "from": ["2026-03-04T11:34:56Z"],
        "to": ["2026-03-04T11:35:00Z"],
        "filter": ["http.response.status_class:5xx"],
    }
    assert parse_qs(urlsplit(links.at(bucket)).query) == {n: v for n, v in query.items() if n != "filter"}
    levels = next(p for p in EVERY[0].panels if p.id == "levels")
    drill = PanelLinks(levels, panel_types()["stacked_bar"], window, state(), contract())
    assert urlsplit(drill.link(Row(("error", None), ()))).path == "/ops/dashboards/errors/"
    assert parse_qs(urlsplit(drill.link(Row(("error", None), ()))).query)["filter"] == ["log.level:error"]
    funnel = next(p for board in EVERY for p in board.panels if p.id == "funnel")
    assert PanelLinks(funnel, panel_types()["horizontal_bar"], window, state(), contract()).narrow(
        Row(("Order placed",), ())
    ) == ""  # fmt: skip


def test_a_click_replaces_filters_of_its_field():
    """Of the page's filters all stay but those on a field that the click gives a value."""
    requests = next(panel for board in EVERY for panel in board.panels if (board.id, panel.id) == ("http", "requests"))
    query = f"{DAY}&filter=http.response.status_class:2xx&filter=-http.route:a%26b/&refresh=1m"
    filtered = DashboardState.parse(QueryDict(query), contract(), "now-1h", now=NOW, zone=UTC)
    links = PanelLinks(requests, panel_types()["area"], Window(NOW - timedelta(hours=1), NOW), filtered, contract())
    wanted = {"-http.route:a&b/", "http.response.status_class:5xx"}

    for link in (links.narrow(Row(("5xx", None), ())), links.link(Row(("5xx", None), ()))):
        assert set(parse_qs(urlsplit(link).query)["filter"]) == wanted
    again = DashboardState.parse(QueryDict(links.narrow(Row(("5xx", None), ()))[1:]), contract(), "", now=NOW, zone=UTC)
    assert (again.time.start_text, again.refresh) == (filtered.time.start_text, "1m")
