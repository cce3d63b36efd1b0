"""The check finds what would show wrong numbers, or none; the versioned dashboards pass it."""

from __future__ import annotations

import importlib
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from logging_pipeline.contract import Contract, Field, contract
from logging_pipeline.dashboards.check import check, check_folder
from logging_pipeline.dashboards.model import Breakdown, Control, Dashboard, DrillDown, Grid, Measure, Panel
from logging_pipeline.dashboards.registry import panel_types
from logging_pipeline.kql import fields, parse

FOLDER = Path(__file__).resolve().parents[2] / "dashboards/definitions"
COUNT = Measure("count", "Events")
P95 = Measure("percentile", "p95", "event.duration", 95, unit="ns")
ROUTE = Breakdown("http.route")
GOAL: dict[str, Any] = {"target": 1, "better": "lower"}
BARE: dict[str, Any] = {"measures": (), "breakdowns": ()}


@pytest.fixture(scope="module")
def project() -> Contract:
    """The contract with the shop's categories."""
    for app in ("catalog", "cart", "orders", "payments"):
        importlib.import_module(f"shopapp.{app}.events")
    return contract()


def panel(**changes: Any) -> Panel:
    sound = Panel("a", "line", "A", "Q?", Grid(0, 0, 10, 10), ("http",), measures=(COUNT,), breakdowns=(ROUTE,))
    return replace(sound, **changes)


def problems(project: Contract, *panels: Panel, controls: tuple[Control, ...] = ()) -> list[str]:
    page = Dashboard("page", "Page", "D.", "now-1h", panels, controls, "page.yml")
    return [str(problem) for problem in check([page], project)]


def test_versioned_dashboards_pass(project: Contract):
    """The seven dashboards have nothing wrong with them."""
    found, wrong = check_folder(FOLDER, project)

    assert wrong == []
    assert {d.id for d in found} == {"overview", "errors", "http", "orders", "celery", "security", "pipeline-health"}


def test_versioned_dashboards_use_every_panel_type(project: Contract):
    """No panel type is without an example."""
    found, _wrong = check_folder(FOLDER, project)

    assert {panel.type for dashboard in found for panel in dashboard.panels} == set(panel_types())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"type": "lines"}, "page.yml: panel a: type: there is no type 'lines'; did you mean 'line'?"),
        ({"categories": ("htpp",)}, "categories: there is no category 'htpp'; did you mean 'http'?"),
        ({"categories": ()}, "categories: are missing"),
        ({"filter": "http.rout: x"}, "filter:"),
        ({"filter": "(http.route: x"}, "filter:"),
        ({"filter": "event.action: http.requset"}, "no event is called 'http.requset'"),
        ({"measures": ()}, "measures: are 0; line takes 1 to 5"),
        ({"measures": (replace(P95, field="http.route"),)}, "http.route is a keyword: percentile takes double, long"),
        ({"measures": (replace(P95, percent=500),)}, "measures[0].percent: 500 is not above 0 and below 100"),
        ({"measures": (replace(P95, field="event.durations"),)}, "did you mean 'event.duration'?"),
        ({"measures": (Measure("max", "Last", "@timestamp"),)}, "measures[0].unit: @timestamp is a date_nanos"),
        ({"measures": (Measure("share", "Part"),)}, "measures[0].filter: is missing"),
        ({"measures": (replace(COUNT, field="http.route"),)}, "count takes none"),
        ({"measures": (replace(COUNT, filter="nothing: 1"),)}, "measures[0].filter:"),
        ({"measures": (COUNT, P95), "breakdowns": ()}, "have different units"),
        ({"breakdowns": (Breakdown("message"),)}, "breakdowns[0].field: message is a text"),
        ({"breakdowns": (Breakdown("shop.order.id"),)}, "no event here has a field 'shop.order.id'"),
        ({"breakdowns": (replace(ROUTE, order="Evnts"),)}, "did you mean 'Events'?"),
        ({"breakdowns": (Breakdown(filters=(("a", "(("),)),)}, "breakdowns[0].filters.a:"),
        ({"drill_down": DrillDown("paeg")}, "drill_down.to: there is no dashboard 'paeg'; did you mean 'page'?"),
        ({"settings": {"trend": True}}, "settings.trend: line has no such setting"),
        ({"type": "stacked_bar", "measures": (P95,)}, "percentile cannot be stacked"),
        ({"type": "pie", "breakdowns": (replace(ROUTE, size=50),)}, "too many for a pie"),
        ({"type": "percentiles", "measures": (P95, COUNT), "breakdowns": ()}, "not all percentiles of one field"),
        ({"type": "gauge", "breakdowns": ()}, "settings.target: is missing"),
        ({"type": "gauge", "breakdowns": (), "settings": {**GOAL, "max": math.inf}}, "settings.max: inf is no number"),
        ({"type": "metric", "breakdowns": (), "settings": {"trend": 1}}, "settings.trend: 1 is not bool"),
        ({**BARE, "type": "log_list", "settings": {"fields": ["htp.route"]}}, "'http.route'"),
        ({**BARE, "type": "log_list", "settings": {"fields": 5}}, "settings.fields: 5 is not list"),
        ({**BARE, "type": "log_list", "settings": {"fields": [5, ["http.route"]]}}, "is not a list of fields"),
        (
            {"measures": (COUNT, replace(COUNT, filter="http.route: a")), "breakdowns": ()},
            "measures[1].label: 'Events' stands twice",
        ),
        ({"categories": ("http", "http")}, "categories[1]: 'http' stands twice"),
        ({**BARE, "type": "markdown", "settings": {"text": "x"}}, "a text asks nothing"),
    ],
)
def test_finds(project: Contract, change: dict[str, Any], says: str):
    """Each mistake is found, with its key and a cure."""
    (found,) = problems(project, panel(**change))

    assert says in found


def test_panels_neither_overlap_nor_repeat(project: Contract):
    """Two panels on one place, with one id, or showing the same are told, each with the other's name."""
    twin = panel(id="b", grid=Grid(10, 0, 10, 10), title="B")
    above = panel(id="c", grid=Grid(5, 5, 10, 10), filter="url.path: *")

    assert problems(project, panel(), twin) == ["page.yml: panel b: shows the same as panel 'a'"]
    assert problems(project, panel(), above) == ["page.yml: panel c: grid: overlaps panel 'a'"]
    assert "is that of another panel" in problems(project, panel(), replace(twin, id="a"))[0]


def test_controls_are_of_fields(project: Contract):
    """A control by a field that nobody has, or that has no groups, is told."""
    assert "did you mean 'service.name'?" in problems(project, controls=(Control("service.nam", "Program"),))[0]
    assert "is a text" in problems(project, controls=(Control("message", "Message"),))[0]


def used_fields() -> list[str]:
    found, _wrong = check_folder(FOLDER, _with_shop())
    names: set[str] = set()
    for dashboard in found:
        names |= {control.field for control in dashboard.controls}
        for shown in dashboard.panels:
            kql = [
                shown.filter,
                *(m.filter for m in shown.measures),
                *(k for b in shown.breakdowns for _l, k in b.filters),
            ]
            names |= {m.field for m in shown.measures} | {b.field for b in shown.breakdowns}
            names |= {name for text in kql if text for name in fields(parse(text))}
            names |= set(shown.settings.get("fields", ()))
    own = _with_shop().fields
    return sorted(name for name in names if name in own)


def _with_shop() -> Contract:
    for app in ("catalog", "cart", "orders", "payments"):
        importlib.import_module(f"shopapp.{app}.events")
    return contract()


@pytest.mark.parametrize("name", used_fields())
def test_renaming_a_field_fails(project: Contract, name: str):
    """A field that a dashboard shows cannot be renamed in the contract without the check saying where it is used."""

    def renamed(every: tuple[Field, ...]) -> tuple[Field, ...]:
        return tuple(replace(f, name="renamed.away") if f.name == name else f for f in every)

    changed = Contract(renamed(project.core), tuple(replace(c, fields=renamed(c.fields)) for c in project.categories))
    _found, wrong = check_folder(FOLDER, changed)

    assert any(name in str(problem) and problem.file for problem in wrong)


def test_renaming_an_event_fails(project: Contract):
    """An event that a dashboard counts cannot be renamed without the check saying so."""
    categories = tuple(
        replace(c, events=tuple(replace(e, name="order.taken") if e.name == "order.placed" else e for e in c.events))
        for c in project.categories
    )
    _found, wrong = check_folder(FOLDER, Contract(project.core, categories))

    assert any("'order.placed'" in str(problem) for problem in wrong)
