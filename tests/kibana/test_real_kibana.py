"""
The same promises, of a real Kibana: ``pytest -m kibana --kibana-url https://…``.

Left out unless asked for. The key is LOGPIPE_KIBANA_API_KEY, the authority LOGPIPE_KIBANA_CA. It writes objects with
ids of their own into the default space and removes them.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from logging_pipeline.kibana.backups import Backups
from logging_pipeline.kibana.client import Kibana
from logging_pipeline.kibana.pull import pull
from logging_pipeline.kibana.rollback import roll_back, way_back
from logging_pipeline.kibana.saved_objects import read
from logging_pipeline.kibana.targets import target
from logging_pipeline.settings import load
from tests.kibana.conftest import Item, pushed, states

pytestmark = pytest.mark.kibana

BUILT = Path(__file__).parents[2] / "kibana" / "dashboards.ndjson"


@pytest.fixture
def real(request: pytest.FixtureRequest) -> Iterator[Kibana]:
    """The Kibana of the command line."""
    url = request.config.getoption("--kibana-url")
    if not url:
        pytest.fail("give the address of a Kibana that may be written to: --kibana-url", pytrace=False)
    with Kibana(target(load({"kibana_url": url}, os.environ))) as kibana:
        yield kibana


@pytest.fixture
def built() -> list[Item]:
    """The built dashboards, under ids that nobody has."""
    mark = f"logpipe-test-{secrets.token_hex(4)}-"
    return read(BUILT.read_text(encoding="utf-8").replace("logpipe-", mark))


def test_the_whole_way(real: Kibana, tmp_path: Path, built: list[Item]):
    """It takes the built file as it is, keeps it as it was sent, gives it back, and removes it again."""
    backups = Backups(tmp_path, "kibana", "default")
    outcome = pushed(real, backups, built)
    assert outcome.backup is not None
    try:
        assert outcome.failures == ()
        assert [f"{each.key}: {change}" for each in outcome.remaining for change in each.changes] == []
        assert set(states(real, built).values()) == {"same"}

        page = next(each for each in built if each["type"] == "dashboard")
        page["attributes"]["title"] += ", changed"
        changed = pushed(real, backups, built)
        assert changed.well
        assert [str(each.key) for each in pull(real, built).plan.pending] == []
        way = way_back(real, backups, changed.backup)
        assert [[change.where for change in each.changes] for each in way.pending] == [["title"]]
    finally:
        way = way_back(real, backups, outcome.backup)
        gone = roll_back(real, backups, outcome.backup, digest=way.digest, by="a test")
    assert len(gone.removed) == len(built)


def test_panels_stay_readable(real: Kibana, tmp_path: Path, built: list[Item]):
    """What comes back holds as many panels in every dashboard, each with its columns."""
    backups = Backups(tmp_path, "kibana", "default")
    outcome = pushed(real, backups, built)
    try:
        stored = {each["id"]: each for each in pull(real, built).objects}
        for each in built:
            if each["type"] == "dashboard":
                theirs = json.loads(stored[each["id"]]["attributes"]["panelsJSON"])
                assert len(theirs) == len(json.loads(each["attributes"]["panelsJSON"]))
    finally:
        way = way_back(real, backups, outcome.backup)
        roll_back(real, backups, outcome.backup, digest=way.digest, by="a test")
