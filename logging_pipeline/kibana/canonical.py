"""
What a saved object says, apart from how one Kibana or another writes it down.

Kibana migrates what it imports, fills defaults in, counts how often a field was looked at, and orders keys as it likes.
None of that is a difference. Known forms: JSON as text, references by name; of panels the version and the place of the
title; of saved searches the tabs, in which model version 13 keeps everything but title and description.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from logging_pipeline.kibana.saved_objects import Key, SavedObject, key_of
from logging_pipeline.kibana.stringified import opened

__all__ = ["canonical"]


def canonical(found: SavedObject, renamed: Mapping[Key, str] | None = None) -> dict[str, Any]:
    """
    The attributes of *found* with all texts that are JSON opened, and its ``references`` by name.

    Args:
        renamed: under which id an object is stored in the space that it is compared with.
    """
    attributes = _opened(found.get("attributes") or {})
    reform = _FORMS.get(str(found.get("type")))
    references = {}
    for each in found.get("references") or ():
        key = key_of(each)
        references[str(each.get("name", ""))] = str(Key(key.type, (renamed or {}).get(key, key.id)))
    return {**(reform(attributes) if reform else attributes), "references": references}


def _opened(value: Any) -> Any:
    if isinstance(value, list):
        return [_opened(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: _opened(opened(name, each)) for name, each in value.items()}


def _dashboard(attributes: dict[str, Any]) -> dict[str, Any]:
    panels = attributes.get("panelsJSON")
    if isinstance(panels, list):
        attributes = {**attributes, "panelsJSON": [_panel(each) if isinstance(each, dict) else each for each in panels]}
    return {name: value for name, value in attributes.items() if name not in ("version", "hits")}


def _panel(panel: dict[str, Any]) -> dict[str, Any]:
    """The title stood beside the panel's configuration until 9.1, and stands in it since."""
    kept = {name: value for name, value in panel.items() if name not in ("version", "title")}
    title = panel.get("title")
    config = panel.get("embeddableConfig")
    if title and isinstance(config, dict) and "title" not in config:
        kept["embeddableConfig"] = {**config, "title": title}
    return kept


def _search(attributes: dict[str, Any]) -> dict[str, Any]:
    """The first tab is the search itself; its name and its random id say nothing."""
    flat = {name: value for name, value in attributes.items() if name not in ("tabs", "version", "hits")}
    tabs = attributes.get("tabs")
    if isinstance(tabs, list) and tabs and isinstance(tabs[0], dict):
        flat.update(tabs[0].get("attributes") or {})
        flat["tabs"] = tabs[1:]
    return flat


def _data_view(attributes: dict[str, Any]) -> dict[str, Any]:
    """``count`` is how often people used a field in Discover."""
    known = attributes.get("fieldAttrs")
    if not isinstance(known, dict):
        return attributes
    without = {
        name: {key: each for key, each in value.items() if key != "count"} if isinstance(value, dict) else value
        for name, value in known.items()
    }
    return {**attributes, "fieldAttrs": without}


_FORMS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "dashboard": _dashboard,
    "index-pattern": _data_view,
    "search": _search,
}
