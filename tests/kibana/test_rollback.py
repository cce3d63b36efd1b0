"""What an import changed can be brought back, and that can be undone too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from logging_pipeline.errors import KibanaError
from logging_pipeline.kibana.backups import Backup, Backups
from logging_pipeline.kibana.client import Kibana
from logging_pipeline.kibana.rollback import roll_back, way_back
from logging_pipeline.kibana.saved_objects import Key
from logging_pipeline.kibana.targets import Target
from logging_pipeline.kibana.writing import Outcome
from tests.kibana.conftest import Item, pushed
from tests.kibana.stand_in import StandIn


def rolled_back(kibana: Kibana, backups: Backups, backup: Backup) -> Outcome:
    """Look, then do it."""
    way = way_back(kibana, backups, backup)
    return roll_back(kibana, backups, backup, digest=way.digest, by="a test")


def test_changed_objects_are_as_before(stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]):
    """What people had edited in Kibana, and an import replaced, is there again."""
    pushed(kibana, backups, objects)
    stand_in.store.edit("default", ("dashboard", "page"), lambda a: a.update(title="Made by hand"))
    objects[3]["attributes"]["title"] = "Built"
    backup = pushed(kibana, backups, objects).backup

    way = way_back(kibana, backups, backup)
    assert [(str(each.key), each.state) for each in way.pending] == [("dashboard:page", "changed")]
    assert [str(each) for each in way.pending[0].changes] == ['title: "Built" → "Made by hand"']
    assert way.removals == ()
    assert rolled_back(kibana, backups, backup).well
    assert stand_in.store.get("default", ("dashboard", "page"))["attributes"]["title"] == "Made by hand"


def test_new_objects_are_removed(stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]):
    """What refers to others goes first; nothing that was there before is touched."""
    stand_in.store.put("default", {**objects[0], "id": "older"})
    backup = pushed(kibana, backups, objects).backup

    outcome = rolled_back(kibana, backups, backup)

    assert [str(key) for key in outcome.removed] == [
        "dashboard:page", "search:search", "index-pattern:view", "tag:logs",
    ]  # fmt: skip
    assert [each["id"] for each in stand_in.store.items("default")] == ["older"]


def test_copies_in_a_second_space_are_removed(
    stand_in: StandIn, target: Target, kibana: Kibana, tmp_path: Path, objects: list[Item]
):
    """Under the ids that Kibana gave them; the first space keeps its objects."""
    pushed(kibana, Backups(tmp_path, "kibana", "default"), objects)
    backups = Backups(tmp_path, "kibana", "team")
    with Kibana(target, "team") as team:
        rolled_back(team, backups, pushed(team, backups, objects).backup)

    assert stand_in.store.items("team") == []
    assert len(stand_in.store.items("default")) == 4


def test_what_somebody_needs_by_now_stays(stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]):
    """A data view that another dashboard has come to use is kept, and the user of it is named."""
    backup = pushed(kibana, backups, objects).backup
    theirs = {**objects[3], "id": "theirs", "attributes": {"title": "Theirs", "panelsJSON": "[]"}}
    stand_in.store.put("default", theirs)

    way = way_back(kibana, backups, backup)
    outcome = rolled_back(kibana, backups, backup)

    assert way.kept == (
        (Key("index-pattern", "view"), Key("dashboard", "theirs")),
        (Key("tag", "logs"), Key("dashboard", "theirs")),
    )
    assert [str(key) for key in outcome.removed] == ["dashboard:page", "search:search"]


def test_a_rollback_can_be_rolled_back(stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]):
    """It has a backup of its own, with the objects that it removed."""
    backup = pushed(kibana, backups, objects).backup
    own = rolled_back(kibana, backups, backup).backup

    assert own.reason == f"rollback of {backup.id}"
    assert rolled_back(kibana, backups, own).well
    assert {each["id"] for each in stand_in.store.items("default")} == {"logs", "view", "search", "page"}


def test_deleted_meanwhile(stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]):
    """An object that somebody deleted since comes back with what it refers to, which is gone too."""
    pushed(kibana, backups, objects)
    objects[3]["attributes"]["title"] = "Built"
    backup = pushed(kibana, backups, objects).backup
    for key in (("dashboard", "page"), ("search", "search"), ("index-pattern", "view")):
        stand_in.store.delete("default", key)

    assert rolled_back(kibana, backups, backup).well
    assert stand_in.store.get("default", ("dashboard", "page"))["attributes"]["title"] == "Page"
    assert stand_in.store.get("default", ("index-pattern", "view")) is not None


def test_a_process_that_died(stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]):
    """A backup that was only prepared is enough: the ids of what would be new stand in it."""
    backup = backups.prepare(
        [], objects, touched=[], created=[Key("dashboard", "page")], reason="push", by="x", kibana="9.2.3"
    )
    for each in objects:
        stand_in.store.put("default", each)

    assert rolled_back(kibana, backups, backup).removed == (Key("dashboard", "page"),)


def test_a_space_that_changed_since(stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]):
    """The difference that was shown is the one that is undone, or nothing is."""
    backup = pushed(kibana, backups, objects).backup
    way = way_back(kibana, backups, backup)
    stand_in.store.put("default", {**objects[3], "id": "theirs"})
    stand_in.requests.clear()

    with pytest.raises(KibanaError, match="has changed since"):
        roll_back(kibana, backups, backup, digest=way.digest, by="a test")
    assert stand_in.written() == []


def test_backups_are_for_nobody_else(kibana: Kibana, backups: Backups, objects: list[Item], tmp_path: Path):
    """Folders 0700, files 0600; and only ids that it gave are looked up."""
    pushed(kibana, backups, objects)

    below = [each for each in (tmp_path / "kibana").rglob("*") if each.name != "lock"]
    assert {oct(each.stat().st_mode & 0o777) for each in below if each.is_dir()} == {"0o700"}
    assert {oct(each.stat().st_mode & 0o777) for each in below if each.is_file()} == {"0o600"}
    about = json.loads(next(each for each in below if each.name == "about.json").read_text())
    assert about["by"] == "a test"
    for wrong in ("../../etc", "20260301T120000.000000Z-00000000"):
        with pytest.raises(KibanaError, match="there is no backup"):
            backups.about(wrong)
    with pytest.raises(KibanaError, match="cannot be a space's id"):
        Backups(tmp_path, "kibana", "../x")
