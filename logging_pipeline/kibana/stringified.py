"""Attributes that hold JSON as text: Kibana parses them when a page opens, and fails there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["parsed", "stringified"]

NAMES = frozenset(
    {
        "fieldAttrs",
        "fieldFormatMap",
        "fields",
        "ignoreParentSettingsJSON",
        "layerListJSON",
        "mapStateJSON",
        "optionsJSON",
        "panelsJSON",
        "runtimeFieldMap",
        "searchSourceJSON",
        "sourceFilters",
        "uiStateJSON",
        "visState",
    }
)


def stringified(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every text below *value* that should be JSON and is not: where it is, and what is wrong."""
    if isinstance(value, list):
        for n, inner in enumerate(value):
            yield from stringified(inner, f"{where}[{n}]")
    if not isinstance(value, dict):
        return
    for name, inner in value.items():
        place = f"{where}.{name}" if where else name
        if name in NAMES and isinstance(inner, str):
            if not inner:
                continue
            try:
                inner = json.loads(inner)
            except json.JSONDecodeError as error:
                yield place, f"is not JSON: {error.msg} at column {error.colno}"
                continue
        yield from stringified(inner, place)


def parsed(value: Any, default: Any) -> Any:
    """*value*, out of its text where it is one; *default* where it is not JSON, which `stringified` tells."""
    if not isinstance(value, str):
        return default if value is None else value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return default
