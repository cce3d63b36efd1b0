"""A difference is what somebody changed; how one Kibana or another writes the same thing down is none."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logging_pipeline.kibana.comparison import compare
from logging_pipeline.kibana.saved_objects import key_of, read
from tests.kibana.conftest import Item, whole_file
from tests.kibana.object_store import NEWEST_LATER, NEWEST_OF_8, NEWEST_OF_9, ObjectStore

BUILT = Path(__file__).parents[2] / "kibana" / "dashboards.ndjson"


def changes(ours: list[Item], theirs: list[Item]) -> list[str]:
    """Everything that differs, as it is shown: Kibana's value, then the file's."""
    found = compare(ours, {key_of(each): each for each in theirs}, {})
    return [f"{each.key} {change}" for each in found for change in each.changes]


@pytest.mark.parametrize("newest", [NEWEST_OF_8, NEWEST_OF_9, NEWEST_LATER])
def test_the_built_file_comes_back_the_same(newest: dict[str, int]):
    """After an import, its migrations, and a save in the editor that changes nothing."""
    built = read(BUILT.read_text(encoding="utf-8"))
    store = ObjectStore(newest)
    store.import_("default", copy.deepcopy(built))
    for each in built:
        if each["type"] == "dashboard":
            store.edit("default", (each["type"], each["id"]), lambda _attributes: None)
    assert changes(built, store.items("default")) == []


def _set(name: str, value: Any) -> Callable[[Item], None]:
    return lambda found: found["attributes"].update({name: value})


@pytest.mark.parametrize(
    ("n", "change"),
    [
        (3, lambda found: found.update(version="x", updated_at="now", namespaces=["default"], managed=False)),
        (3, lambda found: found.update(coreMigrationVersion="8.8.0", typeMigrationVersion="10.4.0", originId="o")),
        (3, lambda found: found["references"].reverse()),
        (3, _set("version", 3)),
        (3, _set("hits", 0)),
        (3, _set("kibanaSavedObjectMeta", {})),
        (3, _set("sections", [])),
        (3, _set("timeRestore", False)),
        (3, _set("optionsJSON", "{ }")),
        (2, _set("isTextBasedQuery", False)),
        (1, _set("fieldAttrs", '{"message":{"count":7}}')),
        (1, _set("sourceFilters", "[]")),
    ],
)
def test_what_is_no_difference(n: int, change: Callable[[Item], None]):
    """Versions, times, defaults that are written out, order of keys and references, how often a field was used."""
    theirs = whole_file()
    change(theirs[n])
    assert changes(whole_file(), theirs) == []


@pytest.mark.parametrize(
    ("n", "change", "said"),
    [
        (3, _set("title", "Mine"), 'dashboard:page title: "Mine" → "Page"'),
        (3, _set("timeRestore", True), "dashboard:page timeRestore: true → —"),
        (3, _set("decimals", 0), "dashboard:page decimals: 0 → —"),
        (3, _set("optionsJSON", '{"useMargins":true}'), "dashboard:page optionsJSON.useMargins: true → —"),
        (2, _set("columns", ["message", "trace.id"]), 'search:search columns: ["message", "trace.id"] → ["message"]'),
        (2, _set("tabs", [{"id": "1", "attributes": {"columns": ["x"]}}]), 'search:search columns[0]: "x" → "message"'),
        (
            1,
            _set("fieldAttrs", '{"m":{"customLabel":1}}'),
            'index-pattern:view fieldAttrs: {"m": {"customLabel": 1}} → —',
        ),
        (
            3,
            lambda found: found["references"][1].update(id="other"),
            'dashboard:page references.tag-ref-logs: "tag:other" → "tag:logs"',
        ),
    ],
)
def test_what_is_a_difference(n: int, change: Callable[[Item], None], said: str):
    """Named by its place inside the text that holds it, Kibana's value first."""
    theirs = whole_file()
    change(theirs[n])
    assert changes(whole_file(), theirs) == [said]


def test_panels_are_known_by_their_index():
    """A panel that was added or moved is one change, wherever in the list it stands."""
    theirs = whole_file()
    panels = json.loads(theirs[3]["attributes"]["panelsJSON"])
    added = {**panels[0], "panelIndex": "p0", "title": "Another"}
    moved = {**panels[0], "gridData": {**panels[0]["gridData"], "x": 5}}
    theirs[3]["attributes"]["panelsJSON"] = json.dumps([added, moved])
    found = changes(whole_file(), theirs)
    assert len(found) == 2
    assert found[0].startswith("dashboard:page panelsJSON[p0]: {")
    assert found[1] == "dashboard:page panelsJSON[p1].gridData.x: 5 → 0"
