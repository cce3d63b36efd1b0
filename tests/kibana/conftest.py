"""A stand-in for Kibana, and small objects to send to it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from logging_pipeline.kibana.backups import Backups
from logging_pipeline.kibana.client import Kibana
from logging_pipeline.kibana.push import push
from logging_pipeline.kibana.survey import survey
from logging_pipeline.kibana.targets import Target
from logging_pipeline.kibana.writing import Outcome
from tests.kibana.stand_in import API_KEY, StandIn
from tests.kibana.test_validate import DASHBOARD, PANEL, SEARCH, VIEW

Item = dict[str, Any]

TAG: Item = {
    "id": "logs",
    "type": "tag",
    "attributes": {"name": "logs", "description": "", "color": "#2554c7"},
    "references": [],
    "coreMigrationVersion": "8.8.0",
    "typeMigrationVersion": "8.0.0",
}


@pytest.fixture(params=["9.2.3"])
def stand_in(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    """The server, empty; parametrize it for another version."""
    server = StandIn(request.param)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def target(stand_in: StandIn) -> Target:
    """Where it is."""
    return Target("kibana", stand_in.url, API_KEY)


@pytest.fixture
def kibana(target: Target) -> Iterator[Kibana]:
    """Its default space."""
    with Kibana(target) as found:
        yield found


@pytest.fixture
def backups(tmp_path: Path) -> Backups:
    """Of that space, in a folder of its own."""
    return Backups(tmp_path, "kibana", "default")


@pytest.fixture
def objects() -> list[Item]:
    """A sound file: a tag, a data view, a saved search and a dashboard with one panel."""
    return whole_file()


def whole_file() -> list[Item]:
    """The same, anew."""
    page = copy.deepcopy(DASHBOARD)
    page["attributes"]["panelsJSON"] = json.dumps([{**PANEL, "title": "Requests"}])
    page["references"].append({"id": "logs", "name": "tag-ref-logs", "type": "tag"})
    return [copy.deepcopy(TAG), copy.deepcopy(VIEW), copy.deepcopy(SEARCH), page]


def pushed(kibana: Kibana, backups: Backups, items: list[Item], **how: Any) -> Outcome:
    """Look, then import what differs."""
    plan = survey(kibana, items, how.get("chosen"))
    return push(kibana, backups, items, digest=plan.digest, by="a test", **how)


def states(kibana: Kibana, items: list[Item]) -> dict[str, str]:
    """What a look says about each object."""
    return {str(each.key): each.state for each in survey(kibana, items).differences}
