"""The dashboards as pages: every number leads to its events, every address says its whole state, nobody sees more."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC
from html import unescape
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import clear_script_prefix, set_script_prefix

from logging_pipeline.console.dashboard_page import definitions, shown
from logging_pipeline.console.dashboard_state import DashboardState
from logging_pipeline.console.picker import REFRESH
from logging_pipeline.console.store import Store
from logging_pipeline.console.views import dashboards as views
from logging_pipeline.contract import contract
from logging_pipeline.dashboards.model import Dashboard, Panel
from logging_pipeline.dashboards.question import Answer
from logging_pipeline.dashboards.table import Table
from logging_pipeline.dashboards.window import Window
from logging_pipeline.indexes.client import client
from logging_pipeline.settings import load
from tests.console.conftest import Person
from tests.console.known_day import DAY, NOW, plant_day

pytestmark = [pytest.mark.stack, pytest.mark.django_db(databases="__all__")]

FOLDER = Path(__file__).resolve().parents[2] / "dashboards/definitions"
EVERY = definitions(FOLDER)


@pytest.fixture
def shop(elasticsearch_server: Any, console: dict[str, Any]) -> dict[str, Any]:
    """The console over a known day of a shop; returns the pipeline's settings."""
    plant_day(elasticsearch_server, console["namespace"])
    return console


def page(of: Client, name: str, more: str = "") -> str:
    answer = of.get(f"/ops/dashboards/{name}/?{DAY}{more}")
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def panel_of(text: str, panel: str) -> str:
    """The markup of one panel."""
    found = re.search(rf'<section class="panel[^>]* id="panel-{panel}".*?</section>', text, re.DOTALL)
    assert found, panel
    return found[0]


def counted(of: Client, link: str) -> int:
    """How many events the log search finds at *link*."""
    answer = of.get(unescape(link))
    assert answer.status_code == 200, answer.content
    found = re.search(r'class="count">(?:at least )?([\d,]+) event', answer.content.decode())
    return int(found[1].replace(",", "")) if found else 0


@pytest.mark.parametrize("board", EVERY, ids=lambda board: board.id)
def test_every_panel_is_drawn(shop: dict, staff: Client, board: Dashboard):
    """Each versioned dashboard shows each of its panels, none of them refused; without style and script in the page."""
    text = page(staff, board.id)

    assert re.findall(r'id="panel-([a-z0-9-]+)"', text) == [panel.id for panel in board.panels]
    assert "instead bad" not in text
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", text)


def _counts(board: Dashboard) -> list[Panel]:
    """Panels with a number of events for each value that leads to these events."""
    return [
        panel
        for panel in board.panels
        if panel.type in ("horizontal_bar", "pie", "heatmap")
        and panel.measures[0].function == "count"
        and panel.drill_down
        and panel.drill_down.to == "logs"
    ]


@pytest.mark.parametrize("board", [b for b in EVERY if _counts(b)], ids=lambda board: board.id)
def test_a_number_leads_to_exactly_these_events(shop: dict, staff: Client, board: Dashboard):
    """The log search behind a bar, a slice or a lane finds as many events as the number beside it says."""
    text = page(staff, board.id)
    for panel in _counts(board):
        found = re.findall(r'<a href="(/ops/logs/[^"]*)">([\d,]+)</a>', panel_of(text, panel.id))
        assert found, panel.id
        for link, number in {*found[:3], found[-1]}:
            assert counted(staff, link) == int(number.replace(",", "")), (panel.id, unescape(link))


def test_a_choice_of_several_values_goes_along(shop: dict, staff: Client):
    """Two values of a control are either in the log search too: it finds the events that the dashboard counted."""
    text = page(staff, "http", "&filter=client.class:browser&filter=client.class:bot&filter=-http.route:cart/")
    found = re.findall(r'<a href="(/ops/logs/[^"]*)">([\d,]+)</a>', panel_of(text, "speed"))

    assert len(found) > 1
    for link, number in found:
        assert counted(staff, link) == int(number.replace(",", "")), unescape(link)


def test_a_column_leads_to_the_events_of_its_bucket(shop: dict, staff: Client):
    """Behind a column of a chart are the events of all its series in that bucket, the cut ones of the range too."""
    text = panel_of(page(staff, "overview"), "throughput")
    columns = re.findall(r'<a href="([^"]+)"[^>]*><rect class="hit"[^>]*><title>(.*?)</title>', text, re.DOTALL)
    sums = [(link, sum(int(n) for n in re.findall(r": (\d+)$", title, re.MULTILINE))) for link, title in columns]
    full = [pair for pair in sums if pair[1]]

    assert len(full) > 20
    for link, number in [sums[0], sums[-1], *full[:3], max(full, key=lambda pair: pair[1])]:
        assert counted(staff, link) == number, unescape(link)


def test_a_dashboard_is_one_request(shop: dict):
    """All panels and all controls are asked in one _msearch, and nothing else is asked."""
    settings = load(shop, {})

    class Recorder:
        def __init__(self, elasticsearch: Any) -> None:
            self.elasticsearch = elasticsearch
            self.asked: list[str] = []

        def perform_request(self, method: str, path: str, **how: Any) -> Any:
            self.asked.append(f"{method} {path}")
            return self.elasticsearch.perform_request(method, path, **how)

    with client(settings, timeout_s=60) as elasticsearch:
        recorder = Recorder(elasticsearch)
        store = Store(settings, recorder)  # type: ignore[arg-type]  # stands in for the client
        answered = shown(store, contract(), EVERY[0], EVERY, state(), tuple(contract().by_name), now=NOW, zone=UTC)
        panels, controls = answered()

    assert recorder.asked == ["POST /_msearch"]
    assert panels.count("<section ") == len(EVERY[0].panels)
    assert 'class="instead' not in panels
    assert re.findall(r"<p class=\"hint\"><code>([^<]*)", controls) == [each.field for each in EVERY[0].controls]


def test_filters_hold_for_every_panel(shop: dict, staff: Client):
    """A filter narrows all panels; two values of one field are either, of two fields both; chips take them away."""

    def requests(more: str) -> int:
        found = re.search(r'class="value"><a[^>]*>([\d,]+)</a>', panel_of(page(staff, "overview", more), "requests"))
        assert found
        return int(found[1].replace(",", ""))

    web, worker = requests("&filter=service.name:shop-web"), requests("&filter=service.name:shop-worker")
    assert web > 0
    assert worker > 0
    assert requests("&filter=service.name:shop-web&filter=service.name:shop-worker") == web + worker == requests("")
    assert requests("&filter=service.name:shop-web&filter=http.response.status_class:5xx") < web
    assert requests("&filter=-service.name:shop-web") == worker
    text = page(staff, "overview", "&filter=service.name:shop-web&refresh=30s")
    (away,) = re.findall(r'<a href="([^"]+)" aria-label="Remove the filter on service.name"', text)
    assert dict(parse_qsl(urlsplit(unescape(away)).query)) == {
        "from": "2026-03-03T12:34:56Z",
        "to": "2026-03-04T12:34:56Z",
        "refresh": "30s",
    }


def test_a_value_narrows_the_dashboard(shop: dict, staff: Client):
    """The name of a bar, a slice or a row is a link to the dashboard with a filter on it; it keeps the rest."""
    text = page(staff, "http", "&filter=service.name:shop-web")
    (link, *_) = re.findall(r'class="narrow" href="([^"]+)"', panel_of(text, "clients"))
    query = parse_qs(urlsplit(unescape(link)).query)

    assert query["from"] == ["2026-03-03T12:34:56Z"]
    assert query["filter"][0] == "service.name:shop-web"
    assert query["filter"][1].startswith("client.class:")
    narrowed = staff.get(f"/ops/dashboards/http/{unescape(link)}").content.decode()
    assert len(re.findall(r'class="narrow"', panel_of(narrowed, "clients"))) == 2  # its slice and its name


def test_controls_offer_what_is_there(shop: dict, staff: Client):
    """A control lists the field's values with their numbers; what is chosen stays choosable beside the others."""
    text = page(staff, "overview", "&filter=service.name:shop-web")
    offered = re.findall(r'<a href="[^"]*"( aria-current="true")?><span class="box"[^>]*></span><span class="value">'
                         r'([^<]*)</span> <span class="number">([\d,]+)</span>', text)  # fmt: skip

    assert {(value, bool(chosen)) for chosen, value, _number in offered} == {
        ("shop-web", True),
        ("shop-worker", False),
        ("production", False),
    }
    assert all(number != "0" for _chosen, _value, number in offered)
    assert "Program: shop-web" in re.sub(r"<[^>]+>", "", text)


def test_a_filter_on_what_a_panel_cannot_have_is_said(shop: dict, staff: Client):
    """A panel whose events have not the field says so instead of showing zeros as if there had been nothing."""
    text = page(staff, "orders", "&filter=shop.payment.provider:nobody")
    assert "Its events have no <code>shop.payment.provider</code>" in panel_of(text, "revenue")
    assert "Its events have no" not in panel_of(text, "declines")


def test_closed_categories_show_nothing(shop: dict, person: Person):
    """A panel over a category that is not open says which, without a number, a value or a control's option of it."""
    some = person("http", may=("view_dashboards",))
    text = page(some, "overview")
    assert re.search(r'class="value"><a[^>]*>\d+</a>', panel_of(text, "requests"))
    closed = panel_of(text, "throughput")
    assert "not open to you" in closed
    assert "auth, task, audit" in closed
    assert not re.search(r"<svg|<table|shop\.", closed)
    security = page(some, "security")
    assert re.findall(r'class="value"', security) == []
    assert "203.0.113." not in security


def test_who_may_open_the_page(shop: dict, person: Person):
    """It takes a permission of its own; the navigation shows the page to those who have it, and no other."""
    without = person("http")
    assert without.get("/ops/dashboards/").status_code == 403
    assert without.get("/ops/dashboards/overview/").status_code == 403
    assert "logpipe_console.view_dashboards" in without.get("/ops/dashboards/overview/").content.decode()
    assert ">Dashboards</a>" not in without.get("/ops/logs/").content.decode()
    only = person(view=False, may=("view_dashboards",))
    assert ">Logs</a>" not in (text := only.get("/ops/dashboards/").content.decode())
    assert re.findall(r'href="/ops/dashboards/([a-z-]+)/"', text) == [board.id for board in EVERY]
    assert only.get("/ops/").headers["Location"] == "/ops/dashboards/"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=nonsense", "is not a time"),
        ("filter=no.such:1", "the contract has no field"),
        ("filter=http.response.status_code:abc", "is no value of"),
        ("refresh=1ms", "is no interval"),
        ("&".join(f"filter=log.level:{n}" for n in range(21)), "are too many"),
    ],
)
def test_what_cannot_be_used_is_named(shop: dict, staff: Client, query: str, said: str):
    """A wrong parameter is answered with what is wrong, not with a dashboard that ignores it."""
    answer = staff.get(f"/ops/dashboards/overview/?{query}")
    assert answer.status_code == 400
    assert said in unescape(answer.content.decode())
    assert "data-live" not in answer.content.decode()


def test_a_dashboard_that_is_not_there(shop: dict, staff: Client):
    """An old link names the dashboards that there are."""
    answer = staff.get("/ops/dashboards/nothing/")
    assert answer.status_code == 404
    assert "/ops/dashboards/overview/" in answer.content.decode()


def test_definitions_are_read_again_and_mistakes_named(shop: dict, staff: Client, settings: Any, tmp_path: Path):
    """An edited definition shows at once; a broken one is answered with its file and its mistake."""
    settings.LOGGING_PIPELINE = {**shop, "dashboards_dir": str(tmp_path)}
    text = (FOLDER / "overview.yml").read_text()
    file = tmp_path / "overview.yml"
    file.write_text(text)
    assert "<h1>Overview</h1>" in page(staff, "overview")
    file.write_text(text.replace("title: Overview", "title: A new name", 1))
    assert "<h1>A new name</h1>" in page(staff, "overview")
    file.write_text(text.replace("title: Overview", "titel: Overview", 1))
    for address in ("/ops/dashboards/", "/ops/dashboards/overview/"):
        broken = staff.get(address)
        assert broken.status_code == 503
        assert "overview.yml" in broken.content.decode()
        assert "did you mean" in broken.content.decode()


def test_without_elasticsearch_the_page_says_so(shop: dict, staff: Client, settings: Any):
    """No answer is 503 with the setting's name."""
    settings.LOGGING_PIPELINE = {**shop, "elasticsearch_url": "http://127.0.0.1:9"}
    answer = staff.get("/ops/dashboards/overview/")
    assert answer.status_code == 503
    assert "LOGPIPE_ELASTICSEARCH_URL" in answer.content.decode()


class Answering:
    """Stands in for the store: what each panel is answered."""

    def __init__(self, **answers: dict[str, Any]) -> None:
        self.answers = answers

    def question(self, _contract: Any, panels: list[Panel], window: Window, **_how: Any) -> Answering:
        self.unanswered = {panel.id: Answer(panel, window) for panel in panels}
        return self

    def send(self, asked: Answering) -> Any:
        return asked.answers

    def read(self, answers: dict[str, dict[str, Any]]) -> dict[str, Answer]:
        empty = Table(("a",), (), (), (0.0,))
        return {n: replace(each, **{"table": empty, **answers.get(n, {})}) for n, each in self.unanswered.items()}


def test_a_prefix_of_the_whole_project_is_in_every_address(shop: dict, staff: Client):
    """Behind a proxy that serves the project below a path, a click stays there."""
    set_script_prefix("/under/")
    try:
        beginnings = set(re.findall(r'href="(\?|#|\.\.|/[a-z]*|.{9})', page(staff, "security")))
    finally:
        clear_script_prefix()
    assert beginnings == {"?", "..", "#", "/static", "/under"}


def test_what_stands_above_the_panels_is_drawn_while_elasticsearch_works(
    shop: dict, staff: Client, monkeypatch: pytest.MonkeyPatch
):
    """The answer may come as late as the page's own part needs: nobody waits for both in turn."""
    drawn, in_time = Event(), []

    class Waiting(Answering):
        def send(self, asked: Answering) -> Any:
            in_time.append(drawn.wait(10))
            return super().send(asked)

    def last_above_the_panels() -> tuple[tuple[str, str], ...]:
        drawn.set()
        return REFRESH

    monkeypatch.setattr(views, "store", Waiting)
    monkeypatch.setattr(views, "REFRESH", last_above_the_panels)  # templates call what can be called
    page(staff, "overview")
    assert in_time == [True]


def state(**changes: Any) -> DashboardState:
    return DashboardState.parse(QueryDict(DAY), contract(), "now-1h", now=NOW, zone=UTC).but(**changes)


def test_a_refused_panel_leaves_the_others_alone():
    """A query that Elasticsearch refuses is an error in its own panel; what has nothing to show says that."""
    store: Any = Answering(levels={"refused": "too_many_buckets: no"}, throughput={"partial": True})
    panels, _controls = shown(store, contract(), EVERY[0], EVERY, state(), ("http",), now=NOW, zone=UTC)()

    refused, partial = panel_of(panels, "levels"), panel_of(panels, "throughput")
    assert 'role="alert">Elasticsearch refused this query. <code>too_many_buckets: no</code>' in refused
    assert 'class="more"' not in refused
    assert "Nothing in this time" in partial
    assert "Too low: Elasticsearch counted only a part" in partial
    assert 'class="metric"' in panel_of(panels, "error-rate")


def test_without_definitions_the_page_says_where_they_belong(shop: dict, staff: Client, settings: Any, tmp_path: Path):
    """A project that has no dashboards yet reads where to put one."""
    settings.LOGGING_PIPELINE = {**shop, "dashboards_dir": str(tmp_path)}
    answer = staff.get("/ops/dashboards/")
    assert answer.status_code == 200
    assert str(tmp_path) in answer.content.decode()
    assert "LOGPIPE_DASHBOARDS_DIR" in answer.content.decode()
    assert staff.get("/ops/dashboards/overview/").status_code == 404
    for elsewhere in (tmp_path / "absent", Path(__file__)):
        settings.LOGGING_PIPELINE = {**shop, "dashboards_dir": str(elsewhere)}
        assert str(elsewhere) in staff.get("/ops/dashboards/").content.decode()
