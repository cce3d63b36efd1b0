"""The validator names what is wrong in a broken export, and leaves a sound one alone, whoever made it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logging_pipeline.kibana.validate import validate, validate_file

LENS = {
    "title": "Requests",
    "visualizationType": "lnsXY",
    "references": [],
    "state": {
        "datasourceStates": {
            "formBased": {
                "layers": {
                    "one": {
                        "columnOrder": ["time", "count"],
                        "columns": {
                            "time": {"operationType": "date_histogram", "sourceField": "@timestamp"},
                            "count": {"operationType": "count", "sourceField": "___records___"},
                        },
                    }
                }
            }
        }
    },
}
PANEL = {
    "panelIndex": "p1",
    "type": "lens",
    "gridData": {"x": 0, "y": 0, "w": 24, "h": 10, "i": "p1"},
    "embeddableConfig": {"attributes": LENS},
}
VIEW = {
    "id": "view",
    "type": "index-pattern",
    "attributes": {"title": "logs-*", "fields": "[]"},
    "references": [],
    "coreMigrationVersion": "8.8.0",
    "typeMigrationVersion": "8.0.0",
}
SEARCH = {
    "id": "search",
    "type": "search",
    "attributes": {
        "columns": ["message"],
        "kibanaSavedObjectMeta": {"searchSourceJSON": '{"indexRefName":"index"}'},
    },
    "references": [{"id": "view", "name": "index", "type": "index-pattern"}],
    "coreMigrationVersion": "8.8.0",
    "typeMigrationVersion": "10.5.0",
}
DASHBOARD: dict[str, Any] = {
    "id": "page",
    "type": "dashboard",
    "attributes": {"title": "Page", "panelsJSON": [PANEL], "optionsJSON": "{}"},
    "references": [{"id": "view", "name": "p1:indexpattern-datasource-layer-one", "type": "index-pattern"}],
    "coreMigrationVersion": "8.8.0",
    "typeMigrationVersion": "10.2.0",
}


def export(*changes: Callable[[dict[str, Any]], None], view: dict[str, Any] | None = VIEW) -> str:
    """A sound export; *changes* are made to its dashboard before its panels become text."""
    page = copy.deepcopy(DASHBOARD)
    for change in changes:
        change(page)
    if isinstance(page["attributes"]["panelsJSON"], list):
        page["attributes"]["panelsJSON"] = json.dumps(page["attributes"]["panelsJSON"])
    return "\n".join(json.dumps(item) for item in (view, SEARCH, page) if item)


def panel(page: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = page["attributes"]["panelsJSON"][0]
    return found


def lens_of(page: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = panel(page)["embeddableConfig"]["attributes"]
    return found


def layer(page: dict[str, Any]) -> dict[str, Any]:
    state = lens_of(page)["state"]
    found: dict[str, Any] = state["datasourceStates"]["formBased"]["layers"]["one"]
    return found


def test_a_sound_export_is_left_alone():
    """Nothing is said of it; the summary line that Kibana writes is no object."""
    assert validate(export()) == []
    assert validate(export() + '\n{"exportedCount":3,"missingRefCount":0}\n') == []


def test_what_it_cannot_judge_is_left_alone():
    """Objects of other plugins, and of Kibana 7 with its old versions, are accepted."""
    other = {"id": "x", "type": "canvas-workpad", "attributes": {"name": "x"}, "references": []}
    old = {**VIEW, "id": "old", "migrationVersion": {"index-pattern": "7.6.0"}}
    del old["typeMigrationVersion"], old["coreMigrationVersion"]

    assert validate(f"{json.dumps(other)}\n{json.dumps(old)}") == []


def test_a_tag_of_kibana_7():
    """No migration had run on it, and none is named; one that names no Kibana at all is told."""
    tag = {"id": "t", "type": "tag", "attributes": {"name": "T", "color": "#000000"}, "references": []}

    assert validate(json.dumps({**tag, "coreMigrationVersion": "7.15.0"})) == []
    assert [p.where for p in validate(json.dumps(tag))] == ["typeMigrationVersion", "coreMigrationVersion"]
    assert [p.where for p in validate(json.dumps({**tag, "coreMigrationVersion": "8.8.0"}))] == ["typeMigrationVersion"]


def test_a_panel_whose_reference_says_its_type():
    """Kibana 7 writes no type beside a reference; the reference's own counts."""

    def refer(page: dict[str, Any]) -> None:
        panel(page).update(panelRefName="panel_0", embeddableConfig={})
        del panel(page)["type"]
        page["references"] = [{"id": "search", "name": "panel_0", "type": "search"}]

    assert validate(export(refer)) == []


@pytest.mark.parametrize("kind", ["alerts_table", "field_stats_table"])
def test_panels_of_newer_kibanas(kind: str):
    """What 8.19 or 9.x draws is no unknown panel."""

    def draw(page: dict[str, Any]) -> None:
        panel(page).update(type=kind, embeddableConfig={"title": "T"})
        page["references"] = []

    assert validate(export(draw)) == []


def test_a_metric_by_its_first_name():
    """Kibana 8.3 called the chart that has since become the metric otherwise."""
    assert validate(export(lambda d: lens_of(d).update(visualizationType="lnsMetricNew"))) == []


@pytest.mark.parametrize(
    ("change", "where", "says"),
    [
        (lambda d: d["references"].clear(), "formBased.layers.one", "the layer has no data view"),
        (lambda d: d["references"][0].update(id="elsewhere"), "references.p1", "elsewhere is not in the file"),
        (lambda d: d["references"].append(dict(d["references"][0])), "references.p1", "stands twice"),
        (lambda d: d.update(references=[{"id": "x"}]), "references", "is not a list of {id, name, type}"),
        (lambda d: d["attributes"].update(panelsJSON='[{"a":]'), "attributes.panelsJSON", "is not JSON"),
        (lambda d: d["attributes"].update(optionsJSON="{"), "attributes.optionsJSON", "is not JSON"),
        (lambda d: d.update(typeMigrationVersion="99.0.0"), "typeMigrationVersion", "it answers 422"),
        (lambda d: d.update(coreMigrationVersion="9.9.9"), "coreMigrationVersion", "it answers 422"),
        (lambda d: d.update(typeMigrationVersion="new"), "typeMigrationVersion", "is no version"),
        (lambda d: d.pop("typeMigrationVersion"), "typeMigrationVersion", "is missing"),
        (lambda d: panel(d).update(type="lense"), "panelsJSON[0].type", "'lense' is no panel"),
        (lambda d: panel(d)["gridData"].update(x=40), "panelsJSON[0].gridData", "48 columns"),
        (lambda d: panel(d).update(embeddableConfig={}), "embeddableConfig", "the panel would be empty"),
        (lambda d: panel(d).update(panelRefName="panel_p1"), "panelRefName", "no reference is called p1:panel_p1"),
        (lambda d: d["attributes"]["panelsJSON"].append(PANEL), "panelsJSON[1].panelIndex", "'p1' stands twice"),
        (lambda d: layer(d)["columnOrder"].append("gone"), "columnOrder", "no column is called 'gone'"),
        (
            lambda d: layer(d)["columns"]["count"].update(references=["m"]),
            "count.references",
            "no column is called 'm'",
        ),
        (
            lambda d: panel(d)["embeddableConfig"]["attributes"].update(visualizationType="lnsPy"),
            "visualizationType",
            "'lnsPy' is no chart of Lens",
        ),
        (
            lambda d: panel(d)["embeddableConfig"].update(
                enhancements={
                    "dynamicActions": {
                        "events": [{"eventId": "e", "action": {"factoryId": "DASHBOARD_TO_DASHBOARD_DRILLDOWN"}}]
                    }
                }
            ),
            "enhancements",
            "leads nowhere",
        ),
    ],
)
def test_names_what_is_wrong(change: Callable[[dict[str, Any]], None], where: str, says: str):
    """One mistake is told once, with its line, its object and its place."""
    (found,) = validate(export(change))

    assert (found.line, found.object) == (3, "dashboard page")
    assert where in found.where
    assert says in found.says


def test_fields_of_a_data_view():
    """A column or a saved search of a field that the data view has not is told, where the fields are known."""
    found = validate(export(), lambda title: {"http.route"} if title == "logs-*" else None)

    assert [(p.object, p.says) for p in found] == [
        ("search search", "the data view has no field 'message'"),
        ("dashboard page", "the data view has no field '@timestamp'"),
    ]


def test_what_only_newer_kibanas_take():
    """A version beyond 8.19's is told apart from a mistake; one that no Kibana has is a mistake."""

    def kind(version: str) -> str:
        (found,) = validate(export(lambda page: page.update(typeMigrationVersion=version)))
        return found.kind

    assert kind("10.9.0") == "newer"
    assert kind("99.0.0") == "wrong"


def test_searches_in_tabs():
    """Newer Kibanas keep everything of a saved search in tabs; it is looked into all the same."""
    inside = SEARCH["attributes"]
    search = {**SEARCH, "attributes": {"title": "S", "tabs": [{"id": "t", "label": "Untitled", "attributes": inside}]}}
    lines = [json.dumps(each) for each in (VIEW, search)]
    assert validate("\n".join(lines)) == []
    found = validate("\n".join(lines), lambda _title: {"http.route"})
    assert [p.says for p in found] == ["the data view has no field 'message'"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no saved object"),
        ("{", "is not JSON"),
        ('{"type":"dashboard"}', "is no saved object"),
        (json.dumps(VIEW) + "\n" + json.dumps(VIEW), "stands twice in the file"),
    ],
)
def test_what_is_no_export(text: str, says: str):
    """A file that Kibana could not take at all is told so."""
    assert says in str(validate(text)[0])


def test_a_file_that_is_something_else(tmp_path: Path):
    """Of a file that is no NDJSON at all a few lines are told, and how many more there are."""
    other = tmp_path / "readme.md"
    other.write_text("# no export\n" * 100)
    told = [str(problem) for problem in validate_file(other)]
    assert told[0] == "the file: Kibana takes files that end in .ndjson, not .md"
    assert [line[:22] for line in told[1:6]] == [f"line {n}: is not JSON: E"[:22] for n in range(1, 6)]
    assert told[6:] == ["the file: has 95 more lines that are not JSON"]


def test_files(tmp_path: Path):
    """The name must be one that Kibana takes, the bytes UTF-8."""
    wrong = tmp_path / "export.json"
    wrong.write_text(export())
    bytes_of = tmp_path / "export.ndjson"
    bytes_of.write_bytes(b"\xff\xfe")

    assert "end in .ndjson" in str(validate_file(wrong)[0])
    assert "is not UTF-8" in str(validate_file(bytes_of)[0])
