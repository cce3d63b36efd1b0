"""What loads from elsewhere, leads elsewhere, is too large or of an unknown kind is named and not imported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from logging_pipeline.kibana import admission
from logging_pipeline.kibana.admission import refused
from logging_pipeline.kibana.file import read_file
from logging_pipeline.kibana.saved_objects import ndjson, read
from tests.kibana.conftest import Item, whole_file

BUILT = Path(__file__).parents[2] / "kibana" / "dashboards.ndjson"


def item(kind: str = "dashboard", **attributes: Any) -> Item:
    return {"type": kind, "id": "x", "attributes": {"title": "X", **attributes}, "references": []}


def test_our_own_are_admitted():
    """The built file, and one with KQL that compares addresses."""
    assert refused(read(BUILT.read_text(encoding="utf-8"))) == []
    query = {"query": {"language": "kuery", "query": 'url.full: "https://shop.example/*"'}}
    assert refused([item("search", kibanaSavedObjectMeta={"searchSourceJSON": json.dumps(query)})]) == []


@pytest.mark.parametrize(
    ("attributes", "says"),
    [
        ({"visState": json.dumps({"type": "vega", "params": {"spec": "{}"}})}, "Vega can fetch anything"),
        (
            {"panelsJSON": json.dumps([{"embeddableConfig": {"savedVis": {"type": "vega", "params": {}}}}])},
            "panelsJSON[0].embeddableConfig.savedVis: Vega",
        ),
        ({"visState": json.dumps({"params": {"markdown": "[a](http://evil.example)"}})}, "http://evil.example"),
        ({"visState": json.dumps({"params": {"markdown": "![a](//evil.example/a.png)"}})}, "//evil.example/a.png"),
        ({"description": "JavaScript:alert(1)"}, "JavaScript:alert(1)"),
        ({"description": "[a](http:evil.example)"}, "http:evil.example"),
        ({"links": [{"type": "externalLink", "destination": "x"}]}, "a link to another site"),
        (
            {"panelsJSON": json.dumps([{"e": {"events": [{"action": {"factoryId": "URL_DRILLDOWN"}}]}}])},
            "a drill-down to an address",
        ),
        ({"fieldFormatMap": json.dumps({"a": {"params": {"urlTemplate": "https://evil.example/{{value}}"}}})}, "evil"),
    ],
)
def test_what_loads_or_leads_elsewhere(attributes: dict[str, Any], says: str):
    """Wherever it stands, also inside texts; once each."""
    (found,) = refused([item(**attributes)])
    assert found.startswith('dashboard:x "X": ')
    assert says in found


def test_a_word_without_end():
    """A million letters in a row are looked through once, not once for each of them."""
    assert refused([item(description="a" * 1_000_000)]) == []


def test_hosts_that_may_be_linked_to():
    """A team's own handbook, by its host and no other that looks like it."""
    text = "[a](https://wiki.example/a) [b](https://wiki.example.evil.example/) [c](https://wiki.example@evil.example/)"
    found = refused([item(description=text)], ["wiki.example"])
    assert len(found) == 2
    assert all("evil.example" in each for each in found)


def test_kinds_and_sizes(monkeypatch: pytest.MonkeyPatch):
    """Each limit is named with its number."""
    assert "the type config is none of dashboard, index-pattern" in refused([item("config")])[0]
    monkeypatch.setattr(admission, "MAX_OBJECT_BYTES", 100)
    assert "bytes are more than 100" in refused([item(description="a" * 100)])[0]
    monkeypatch.setattr(admission, "MAX_OBJECTS", 1)
    assert refused([item(), item()]) == ["2 objects are more than 1: import them in parts"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe", "is not UTF-8"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'{"type":"tag","id":"a","attributes":{"name":NaN}}', "NaN is no number in JSON"),
        (b'{"type":"tag","id":"a","attributes":{"name":"\\ud800"}}', "half a character"),
        (b'{"type":"tag","id":"a","attributes":{"name":' + b"9" * 5_000 + b"}}", "is not JSON"),
        (b'{"type":"tag","id":"a","attributes":{"name":1e999}}', "is not JSON"),
        (b"{}\n" * 2_002, "2002 lines are more than 2000 objects"),
        (b"", "holds no saved object"),
    ],
)
def test_files_that_are_none(content: bytes, says: str):
    """Whatever stands in it: a word about it, and never a traceback."""
    found = read_file(content, "x.ndjson")
    assert found.objects == ()
    assert says in found.problems[0]


def test_what_only_kibana_can_judge():
    """A reference out of the file or a version newer than 8.19's is not held against it."""
    page = whole_file()[3]
    page["typeMigrationVersion"] = "10.9.0"
    page["attributes"]["description"] = "one\u2028two\x0cthree"
    found = read_file(ndjson([page]).encode(), "x.ndjson")
    assert found.problems == ()
    assert found.objects[0]["attributes"]["description"] == "one\u2028two\x0cthree"
