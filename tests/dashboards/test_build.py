"""What Kibana gets is what was tested: the built file, read back into queries, says the same numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from logging_pipeline.contract import Contract
from logging_pipeline.dashboards.build import build, ndjson
from logging_pipeline.dashboards.model import CURRENCIES, Dashboard, Panel
from logging_pipeline.dashboards.registry import panel_types
from logging_pipeline.dashboards.streams import contract_of
from logging_pipeline.dashboards.window import Window
from logging_pipeline.kibana.validate import validate
from tests.dashboards.conftest import NOW, Shop, counted_panels, dashboards, groups, panels
from tests.dashboards.counting import Between, Counter
from tests.dashboards.lens_reading import Layer
from tests.dashboards.test_numbers import agree

BUILT = Path(__file__).resolve().parents[2] / "kibana/dashboards.ndjson"


def objects() -> dict[tuple[str, str], dict[str, Any]]:
    lines = [json.loads(line) for line in BUILT.read_text(encoding="utf-8").splitlines()]
    return {(item["type"], item["id"]): item for item in lines}


def panel_of(page: Dashboard, panel: Panel) -> dict[str, Any]:
    whole = json.loads(objects()["dashboard", f"logpipe-shop-{page.id}"]["attributes"]["panelsJSON"])
    (found,) = (p for p in whole if p["panelIndex"] == panel.id)
    return dict(found)


def test_the_committed_file_is_built_from_the_definitions(project: Contract):
    """Nobody edits the built file, and nobody forgets to build it."""
    assert BUILT.read_text(encoding="utf-8") == ndjson(build(dashboards(), project, "shop"))


def test_the_same_definitions_give_the_same_bytes(project: Contract):
    """Keys are sorted, one object stands on a line, and a second run changes nothing."""
    text = ndjson(build(dashboards(), project, "shop"))

    assert text == ndjson(build(tuple(dashboards()), project, "shop"))
    for line in text.splitlines():
        assert line == json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def test_the_validator_finds_nothing(project: Contract):
    """References are complete, texts are JSON, every field of a column is one of its data view."""
    views = {
        item["attributes"]["title"]: item
        for item in build(dashboards(), project, "shop")
        if item["type"] == "index-pattern"
    }

    def fields_of(title: str) -> set[str]:
        return set(json.loads(views[title]["attributes"]["fieldAttrs"]))

    assert validate(BUILT.read_text(encoding="utf-8"), fields_of) == []


def test_every_reference_is_used_and_there():
    """What an object names is in the file; data views, searches and the tag are each named by something."""
    found = objects()
    named = {(r["type"], r["id"]) for item in found.values() for r in item["references"]}

    assert named <= set(found)
    assert {key for key in found if key[0] != "dashboard"} <= named


def test_versions_are_said():
    """Every object says which migrations it has behind it, and no secret or machine is in the file."""
    versions = {"dashboard": "10.2.0", "index-pattern": "8.0.0", "search": "10.5.0", "tag": "8.0.0"}

    for item in objects().values():
        assert item["coreMigrationVersion"] == "8.8.0"
        assert item["typeMigrationVersion"] == versions[item["type"]]
        assert set(item) == {
            "attributes",
            "coreMigrationVersion",
            "id",
            "managed",
            "references",
            "type",
            "typeMigrationVersion",
        }


@pytest.mark.stack
@pytest.mark.parametrize(("page", "panel"), counted_panels())
def test_lens_asks_for_the_same_numbers(shop: Shop, project: Contract, page: Dashboard, panel: Panel):
    """A Lens panel, run from the built file, gives what counting the events in Python gives."""
    found = panel_of(page, panel)
    attributes = found["embeddableConfig"]["attributes"]
    assert found["embeddableConfig"].get("timeRange", {"from": page.time})["from"] == (panel.time or page.time)
    window = Window.last(panel.time or page.time, NOW)
    counter = Counter(panel, shop.events, window, project)
    layers = attributes["state"]["datasourceStates"]["formBased"]["layers"]
    for name in layers:
        view = next(r["id"] for r in attributes["references"] if r["name"] == f"indexpattern-datasource-layer-{name}")
        title = objects()["index-pattern", view]["attributes"]["title"]
        by = groups(panel) if name == "trend" or panel.type != "metric" else ()
        layer = Layer(attributes["state"], name, contract_of(project, panel.categories), window)
        with shop.server.client("logpipe_reader") as client:
            index = title.replace("-*", f"-{shop.settings.namespace}")
            rows = layer.rows(client.search(index=index, body=layer.body()).body)
        same(panel, rows, list(counter.rows(panel.measures, by)))


def same(panel: Panel, rows: list[Any], expected: list[Any]) -> None:
    estimated = {m.label for m in panel.measures if m.function == "percentile"}
    if any(breakdown.order in estimated for breakdown in panel.breakdowns):
        rows, expected = sorted(rows), sorted(expected, key=lambda row: row[0])
    assert [keys for keys, _values in rows] == [keys for keys, _values in expected]
    for (_keys, values), (_same, counted) in zip(rows, expected, strict=True):
        agree(values, tuple(_shown(m.unit, value) for m, value in zip(panel.measures, counted, strict=True)))


def _shown(unit: str, value: Any) -> Any:
    """Money is whole there: Kibana has no format for cents."""
    return value / 100 if unit in CURRENCIES and value is not None and not isinstance(value, Between) else value


@pytest.mark.parametrize(("page", "panel"), panels())
def test_every_panel_is_where_it_was_put(page: Dashboard, panel: Panel):
    """Id, place, title and drill-down arrive."""
    found = panel_of(page, panel)
    grid = panel.grid

    assert found["gridData"] == {"i": panel.id, "x": grid.x, "y": grid.y, "w": grid.w, "h": grid.h}
    assert found["title"] == panel.title
    if panel.drill_down and found["type"] == "lens":
        (event,) = found["embeddableConfig"]["enhancements"]["dynamicActions"]["events"]
        names = {r["name"]: r["id"] for r in objects()["dashboard", f"logpipe-shop-{page.id}"]["references"]}
        if panel.drill_down.to == "logs":
            assert event["action"]["factoryId"] == "OPEN_IN_DISCOVER_DRILLDOWN"
        else:
            name = f"{panel.id}:drilldown:DASHBOARD_TO_DASHBOARD_DRILLDOWN:{event['eventId']}:dashboardId"
            assert names[name] == f"logpipe-shop-{panel.drill_down.to}"


def test_every_type_has_a_form_for_kibana():
    """The built file shows each panel type."""
    kinds = {panel.values[1].type for panel in panels()}

    assert kinds == set(panel_types())
