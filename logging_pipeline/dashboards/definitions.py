"""``dashboards/definitions/*.yml`` → `Dashboard`: keys known, values of their types, mistakes with their place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

import yaml

from logging_pipeline.dashboards.model import (
    COLUMNS,
    FUNCTIONS,
    MAX_ROWS,
    UNITS,
    Breakdown,
    Control,
    Dashboard,
    DrillDown,
    Grid,
    Measure,
    Panel,
)
from logging_pipeline.dashboards.window import length
from logging_pipeline.errors import DashboardError

__all__ = ["load", "load_folder", "nearest"]

MAX_BYTES = 200_000
MAX_DAYS = 3_660
_ID = re.compile(r"[a-z][a-z0-9-]{0,63}")
_TIME = re.compile(r"now-[1-9][0-9]{0,5}[smhdw]")


def load_folder(folder: Path) -> tuple[Dashboard, ...]:
    """
    Every definition of *folder*, by file name.

    Raises:
        DashboardError: the first that cannot be read, or there is none.
    """
    files = sorted(folder.glob("*.yml"))
    if not files:
        raise DashboardError("there is no *.yml file in it", file=str(folder))
    return tuple(load(file) for file in files)


def load(file: Path) -> Dashboard:
    """
    One definition.

    Raises:
        DashboardError: not YAML, an unknown or missing key, a value of the wrong type.
    """
    try:
        text = file.read_bytes()
        if len(text) > MAX_BYTES:
            raise DashboardError(f"{len(text)} bytes are more than {MAX_BYTES}", file=str(file))
        found = yaml.load(text, _Loader)  # noqa: S506  # a SafeLoader, stricter
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise DashboardError(f"cannot be read: {' '.join(str(error).split())}", file=str(file)) from None
    except RecursionError:
        raise DashboardError("is nested too deeply", file=str(file)) from None
    if not _ID.fullmatch(file.stem):
        raise DashboardError("the file's name is the dashboard's id: lower case letters, digits, -", file=str(file))
    at = _Place(str(file))
    keys = at.keys(found, ("title", "description", "time", "panels"), ("controls",))
    return Dashboard(
        id=file.stem,
        title=at.text(keys, "title"),
        description=at.text(keys, "description"),
        time=at.time(keys, "time"),
        panels=tuple(_panel(at, item, n) for n, item in enumerate(at.list(keys, "panels"))),
        controls=tuple(_control(at.at(f"controls[{n}]"), item) for n, item in enumerate(at.list(keys, "controls"))),
        file=str(file),
    )


def nearest(name: str, known: Iterable[str]) -> str:
    """``; did you mean …?`` or nothing."""
    found = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {found[0]!r}?" if found else ""


def _panel(at: _Place, item: Any, position: int) -> Panel:
    here = at.at(f"panels[{position}]")
    required = ("id", "type", "title", "description", "grid")
    optional = ("categories", "filter", "time", "measures", "breakdowns", "drill_down", "settings")
    keys = here.keys(item, required, optional)
    name = here.text(keys, "id")
    if not _ID.fullmatch(name):
        here.fail(f"{name!r} is no id: lower case letters, digits and -, at most 64", "id")
    here = _Place(at.file, panel=name)
    drill_down = here.at("drill_down").keys(keys["drill_down"], ("to",), ()) if "drill_down" in keys else None
    settings = keys.get("settings", {})
    if not isinstance(settings, dict):
        here.fail("is not a mapping", "settings")
    return Panel(
        id=name,
        type=here.text(keys, "type"),
        title=here.text(keys, "title"),
        description=here.text(keys, "description"),
        grid=_grid(here, keys["grid"]),
        categories=tuple(here.each_text(keys, "categories")),
        filter=here.text(keys, "filter"),
        time=here.time(keys, "time"),
        measures=tuple(_measure(here.at(f"measures[{n}]"), m) for n, m in enumerate(here.list(keys, "measures"))),
        breakdowns=tuple(
            _breakdown(here.at(f"breakdowns[{n}]"), b) for n, b in enumerate(here.list(keys, "breakdowns"))
        ),
        drill_down=DrillDown(here.at("drill_down").text(drill_down, "to")) if drill_down else None,
        settings=MappingProxyType(dict(settings)),
    )


def _grid(at: _Place, value: Any) -> Grid:
    if not (isinstance(value, list) and len(value) == 4 and all(type(n) is int for n in value)):
        at.fail("is not [x, y, width, height]", "grid")
    grid = Grid(*value)
    if grid.x < 0 or grid.y < 0 or grid.w < 1 or grid.h < 1 or grid.x + grid.w > COLUMNS:
        at.fail(f"{value} is not within {COLUMNS} columns, or empty", "grid")
    if grid.h > MAX_ROWS:
        at.fail(f"{grid.h} rows are more than {MAX_ROWS}", "grid")
    return grid


def _measure(at: _Place, item: Any) -> Measure:
    keys = at.keys(item, ("function", "label"), ("field", "percent", "filter", "unit"))
    function = at.one_of(keys, "function", FUNCTIONS)
    percent = keys.get("percent", 0)
    if type(percent) not in (int, float):
        at.fail("is not a number", "percent")
    unit = at.one_of(keys, "unit", UNITS) if "unit" in keys else ("percent" if function == "share" else "number")
    return Measure(
        function=function,  # type: ignore[arg-type]  # one of FUNCTIONS
        label=at.text(keys, "label"),
        field=at.text(keys, "field"),
        percent=percent,
        filter=at.text(keys, "filter"),
        unit=unit,  # type: ignore[arg-type]  # one of UNITS
    )


def _breakdown(at: _Place, item: Any) -> Breakdown:
    keys = at.keys(item, (), ("field", "filters", "size", "order", "label"))
    filters = keys.get("filters", {})
    if not isinstance(filters, dict) or not all(isinstance(t, str) for pair in filters.items() for t in pair):
        at.fail("is not a mapping of label to KQL", "filters")
    field = at.text(keys, "field")
    if bool(filters) == bool(field):
        at.fail("has either a field or filters")
    size = keys.get("size", 10)
    if type(size) is not int or not 1 <= size <= 100:
        at.fail("is not a whole number from 1 to 100", "size")
    return Breakdown(
        field=field,
        filters=tuple(filters.items()),
        size=size,
        order=at.text(keys, "order"),
        label=at.text(keys, "label"),
    )


def _control(at: _Place, item: Any) -> Control:
    keys = at.keys(item, ("field", "title"), ())
    return Control(at.text(keys, "field"), at.text(keys, "title"))


class _Place:
    """Where in a definition one is, for its errors; and how values are taken out of a mapping there."""

    def __init__(self, file: str, panel: str = "", key: str = "") -> None:
        self.file = file
        self._panel = panel
        self._key = key

    def at(self, key: str) -> _Place:
        return _Place(self.file, self._panel, f"{self._key}.{key}" if self._key else key)

    def fail(self, problem: str, key: str = "") -> NoReturn:
        where = ".".join(filter(None, (self._key, key)))
        raise DashboardError(problem, file=self.file, panel=self._panel, key=where)

    def keys(self, item: Any, required: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(item, dict):
            self.fail("is not a mapping")
        for key in item:
            if key not in required and key not in optional:
                self.fail(f"there is no such key{nearest(str(key), (*required, *optional))}", str(key))
        for key in required:
            value = item.get(key)
            if value in (None, []) or (isinstance(value, str) and not value.strip()):
                self.fail("is missing", key)
        return item

    def text(self, item: Mapping[str, Any], key: str) -> str:
        value = item.get(key, "")
        if not isinstance(value, str):
            self.fail(f"{value!r} is not text", key)
        return value.strip()

    def time(self, item: Mapping[str, Any], key: str) -> str:
        value = self.text(item, key)
        if value and not _TIME.fullmatch(value):
            self.fail(f"{value!r} is not a range like now-24h", key)
        if value and length(value) > timedelta(days=MAX_DAYS):
            self.fail(f"{value!r} is more than {MAX_DAYS} days", key)
        return value

    def list(self, item: Mapping[str, Any], key: str) -> list[Any]:
        value = item.get(key, [])
        if not isinstance(value, list):
            self.fail("is not a list", key)
        return value

    def each_text(self, item: Mapping[str, Any], key: str) -> Iterable[str]:
        for n, value in enumerate(self.list(item, key)):
            if not isinstance(value, str):
                self.fail(f"{value!r} is not text", f"{key}[{n}]")
            yield value

    def one_of(self, item: Mapping[str, Any], key: str, known: tuple[str, ...]) -> str:
        value = self.text(item, key)
        if value not in known:
            self.fail(f"{value!r} is none of {', '.join(known)}{nearest(value, known)}", key)
        return value


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, of which YAML would silently take the last, and aliases, which can explode."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError(f"aliases are not allowed: {self.get_mark()}")
        return super().compose_node(parent, index)

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """Says where a value stands that YAML takes for a date or a number, or that holds half a character."""
        try:
            made = super().construct_object(node, deep)
            if isinstance(made, str):
                made.encode()
        except (AttributeError, LookupError, ValueError) as error:
            raise yaml.YAMLError(f"what stands here is no value: {error}: {node.start_mark}") from None
        return made

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _value in node.value]
        doubled = next((key for n, key in enumerate(keys) if key in keys[:n]), None)
        if doubled is not None:
            raise yaml.YAMLError(f"{doubled!r} stands twice: {node.start_mark}")
        return super().construct_mapping(node, deep)
