"""
The built file is what Kibana's own schemas take.

The attributes and their types are those of Kibana's source: the dashboard's model version 2, the saved search's 5, the
data view, the tag. A dashboard's schema forbids what it does not know.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from logging_pipeline.kibana.saved_objects import Key, key_of, ndjson, read
from logging_pipeline.kibana.validate import validate

TEXT = (Path(__file__).parents[2] / "kibana" / "dashboards.ndjson").read_text(encoding="utf-8")
OBJECTS = read(TEXT)

ATTRIBUTES: dict[str, dict[str, type | tuple[type, ...]]] = {
    "tag": {"color": str, "description": str, "name": str},
    "index-pattern": {
        "allowHidden": bool,
        "allowNoIndex": bool,
        "fieldAttrs": str,
        "fieldFormatMap": str,
        "fields": str,
        "name": str,
        "runtimeFieldMap": str,
        "sourceFilters": str,
        "timeFieldName": str,
        "title": str,
    },
    "search": {
        "columns": list,
        "description": str,
        "grid": dict,
        "hideChart": bool,
        "kibanaSavedObjectMeta": dict,
        "sort": list,
        "title": str,
    },
    "dashboard": {
        "controlGroupInput": dict,
        "description": str,
        "kibanaSavedObjectMeta": dict,
        "optionsJSON": str,
        "panelsJSON": str,
        "refreshInterval": dict,
        "timeFrom": str,
        "timeRestore": bool,
        "timeTo": str,
        "title": str,
        "version": (int, float),
    },
}
CONTROL_GROUP = {
    "chainingSystem": str,
    "controlStyle": str,
    "ignoreParentSettingsJSON": str,
    "panelsJSON": str,
    "showApplySelections": bool,
}


def test_one_object_a_line_with_sorted_keys():
    """Writing what was read gives the same bytes."""
    assert ndjson(OBJECTS) == TEXT
    assert len({key_of(each) for each in OBJECTS}) == len(OBJECTS)


def test_nothing_is_wrong_with_it():
    """References are complete, texts are JSON, versions are those that 8.19 takes."""
    assert validate(TEXT) == []


def test_what_is_referred_to_stands_before():
    """As in Kibana's own exports; dashboards alone lead to each other."""
    seen: set[Key] = set()
    for each in OBJECTS:
        needed = {key_of(reference) for reference in each["references"] if reference["type"] != "dashboard"}
        assert needed <= seen, each["id"]
        seen.add(key_of(each))


@pytest.mark.parametrize("found", OBJECTS, ids=lambda found: str(key_of(found)))
def test_attributes_are_those_of_the_schemas(found: dict[str, Any]):
    """None that Kibana does not know, each of its type."""
    _holds(found["attributes"], ATTRIBUTES[found["type"]])
    if found["type"] == "dashboard":
        _holds(found["attributes"]["controlGroupInput"], CONTROL_GROUP)
        _holds(found["attributes"]["refreshInterval"], {"pause": bool, "value": (int, float)})
    if "kibanaSavedObjectMeta" in found["attributes"]:
        _holds(found["attributes"]["kibanaSavedObjectMeta"], {"searchSourceJSON": str})


def test_controls_have_their_data_views():
    """Each control names a field, and its data view by a reference of the dashboard."""
    for page in (each for each in OBJECTS if each["type"] == "dashboard"):
        controls = json.loads(page["attributes"]["controlGroupInput"]["panelsJSON"])
        named = {each["name"] for each in page["references"] if each["name"].startswith("controlGroup_")}
        assert named == {f"controlGroup_{name}:optionsListDataView" for name in controls}


def _holds(values: dict[str, Any], schema: dict[str, Any]) -> None:
    assert set(values) <= set(schema)
    wrong = {name: value for name, value in values.items() if not isinstance(value, schema[name])}
    assert wrong == {}
