"""A definition that is wrong is refused with its file, its panel, its key and the nearest right name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from logging_pipeline.dashboards.definitions import load, load_folder
from logging_pipeline.dashboards.model import Breakdown, DrillDown, Grid, Measure
from logging_pipeline.errors import DashboardError

PANEL: dict[str, Any] = {
    "id": "slow",
    "type": "line",
    "title": "Slow",
    "description": "Who waits?",
    "grid": [0, 0, 24, 10],
    "categories": ["http"],
    "filter": "url.path: *",
    "measures": [{"function": "percentile", "label": "p95", "field": "event.duration", "percent": 95, "unit": "ns"}],
    "breakdowns": [{"field": "http.route", "size": 5}],
    "drill_down": {"to": "logs"},
}


def write(folder: Path, *panels: dict[str, Any], name: str = "http.yml", **changes: Any) -> Path:
    whole = {"title": "HTTP", "description": "Requests.", "time": "now-24h", "panels": list(panels), **changes}
    file = folder / name
    file.write_text(yaml.safe_dump(whole))
    return file


def refusal(file: Path) -> DashboardError:
    with pytest.raises(DashboardError) as caught:
        load(file)
    assert caught.value.file == str(file)
    return caught.value


def test_reads_what_is_written(tmp_path: Path):
    """Every key arrives, with its defaults where nothing is said."""
    dashboard = load(write(tmp_path, PANEL, controls=[{"field": "http.route", "title": "Route"}]))
    (panel,) = dashboard.panels

    assert (dashboard.id, dashboard.time, dashboard.controls[0].field) == ("http", "now-24h", "http.route")
    assert panel.grid == Grid(0, 0, 24, 10)
    assert panel.measures == (Measure("percentile", "p95", "event.duration", 95, "", "ns"),)
    assert panel.breakdowns == (Breakdown("http.route", (), 5),)
    assert panel.drill_down == DrillDown("logs")
    assert load_folder(tmp_path) == (dashboard,)


@pytest.mark.parametrize(
    ("change", "panel", "key", "says"),
    [
        ({"breakdown": []}, "", "panels[0].breakdown", "did you mean 'breakdowns'?"),
        ({"title": ""}, "", "panels[0].title", "is missing"),
        ({"title": "  "}, "", "panels[0].title", "is missing"),
        ({"id": "Slow one"}, "", "panels[0].id", "is no id"),
        ({"grid": [40, 0, 10, 5]}, "slow", "grid", "48 columns"),
        ({"grid": [0, 0, 10]}, "slow", "grid", "[x, y, width, height]"),
        ({"grid": [0, 0, 10, 41]}, "slow", "grid", "41 rows are more than 40"),
        ({"time": "yesterday"}, "slow", "time", "now-24h"),
        ({"time": "now-999999w"}, "slow", "time", "is more than 3660 days"),
        ({"measures": [{"function": "cuont", "label": "n"}]}, "slow", "measures[0].function", "did you mean 'count'?"),
        ({"measures": [{"function": "sum", "label": "n", "feild": "x"}]}, "slow", "measures[0].feild", "'field'?"),
        ({"measures": [{"function": "count", "label": "n", "unit": "ms"}]}, "slow", "measures[0].unit", "none of"),
        ({"breakdowns": [{"field": "a", "filters": {"b": "c:d"}}]}, "slow", "breakdowns[0]", "either"),
        ({"breakdowns": [{"field": "a", "size": 1000}]}, "slow", "breakdowns[0].size", "1 to 100"),
        ({"breakdowns": [{"field": ""}]}, "slow", "breakdowns[0]", "either"),
        ({"drill_down": None}, "slow", "drill_down", "is not a mapping"),
        ({"categories": [7]}, "slow", "categories[0]", "is not text"),
        ({"drill_down": {"into": "logs"}}, "slow", "drill_down.into", "no such key"),
        ({"settings": []}, "slow", "settings", "is not a mapping"),
    ],
)
def test_names_the_place(tmp_path: Path, change: dict[str, Any], panel: str, key: str, says: str):
    """A mistake is told with the panel and the key in which it stands."""
    found = refusal(write(tmp_path, {**PANEL, **change}))

    assert (found.panel, found.key) == (panel, key)
    assert says in str(found)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title: [", "cannot be read"),
        ("title: A\ntitle: B\n", "'title' stands twice"),
        ("title: &a A\ndescription: *a\n", "aliases are not allowed"),
        ("title: !!python/object/apply:os.system ['true']\n", "could not determine a constructor"),
        ("title: 2026-02-30\n", "day is out of range for month"),
        ("title: !!int many\n", "what stands here is no value"),
        ("title: !!bool maybe\n", "what stands here is no value"),
        ("title: !!timestamp today\n", "what stands here is no value"),
        ('title: A\ndescription: "\\uD83D\\uDE00"\n', "surrogates not allowed: in"),
        ("panels: " + "[" * 1_000, "is nested too deeply"),
        ("title: A\ndescription: B\ntime: now-1h\npanels: []\n", "is missing"),
        ("- a list\n", "is not a mapping"),
        ("title: " + "x" * 200_000, "bytes are more than"),
    ],
)
def test_loads_safely(tmp_path: Path, text: str, says: str):
    """YAML that runs something, explodes, says one thing twice, or nothing that can be, is refused."""
    file = tmp_path / "bad.yml"
    file.write_text(text)

    assert says in refusal(file).problem


def test_an_empty_folder_is_a_mistake(tmp_path: Path):
    """Nothing found is said, not passed over."""
    with pytest.raises(DashboardError, match=r"no \*\.yml"):
        load_folder(tmp_path)
