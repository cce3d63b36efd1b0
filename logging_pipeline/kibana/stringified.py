"""Attributes that hold JSON as text: Kibana parses them when a page opens, and fails there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["loaded", "opened", "parsed", "stringified", "told"]

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
                inner = loaded(inner)
            except ValueError as error:
                yield place, f"is not JSON: {told(error)}"
                continue
        yield from stringified(inner, place)


def parsed(value: Any, default: Any) -> Any:
    """*value*, out of its text where it is one; *default* where it is not JSON, which `stringified` tells."""
    if not isinstance(value, str):
        return default if value is None else value
    try:
        return loaded(value)
    except ValueError:
        return default


def opened(name: str, value: Any) -> Any:
    """The attribute *name*: out of its text where it should be JSON and is."""
    return parsed(value, value) if name in NAMES and isinstance(value, str) else value


def loaded(text: str) -> Any:
    """
    *text* as Kibana's ``JSON.parse`` reads it: neither NaN, nor half a character, nor a number without end.

    Raises:
        ValueError: it is not JSON; `told` says it in words.
    """
    value = json.loads(text, parse_constant=_no_number)
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return value


def told(error: ValueError) -> str:
    """What is wrong with a text, and where."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at column {error.colno}"
    if isinstance(error, UnicodeEncodeError):
        return "half a character, a lone surrogate"
    return str(error)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number in JSON")
