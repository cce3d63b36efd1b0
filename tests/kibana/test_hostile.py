"""Whatever stands in a file, the validator answers with problems, never with a traceback."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest

from logging_pipeline.kibana.validate import validate
from tests.kibana.test_validate import DASHBOARD, PANEL, SEARCH, VIEW

ODD: tuple[Any, ...] = (None, 7, "x", "", [], [7], {}, {"a": 7}, True, [None], {"events": [7]}, [{"name": 7}])


@pytest.mark.parametrize("seed", range(400))
def test_odd_values_anywhere(seed: int):
    """A value of another type in any place of an export is survived."""
    chance = random.Random(seed)
    page = copy.deepcopy(DASHBOARD)
    drill_down = {"eventId": "e", "action": {"factoryId": "DASHBOARD_TO_DASHBOARD_DRILLDOWN", "config": {}}}
    panel = copy.deepcopy(PANEL)
    panel["embeddableConfig"]["enhancements"] = {"dynamicActions": {"events": [drill_down]}}
    page["attributes"]["panelsJSON"] = [panel]
    items = [copy.deepcopy(VIEW), copy.deepcopy(SEARCH), page]
    for _change in range(chance.randint(1, 3)):
        _spoil(chance, items)
    if isinstance(page.get("attributes"), dict) and chance.random() < 0.7:
        page["attributes"]["panelsJSON"] = json.dumps(page["attributes"].get("panelsJSON"))

    validate("\n".join(json.dumps(item) for item in items), lambda _title: {"message"})


def _spoil(chance: random.Random, value: Any) -> None:
    """Put something odd into a place somewhere below *value*."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not keys:
        return
    key = chance.choice(keys)
    if isinstance(value[key], dict | list) and value[key] and chance.random() < 0.85:
        _spoil(chance, value[key])
    else:
        value[key] = copy.deepcopy(chance.choice(ODD))
