"""An import writes what differs and nothing else, after a backup, and is believed only when seen."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from logging_pipeline.errors import KibanaError
from logging_pipeline.kibana.backups import Backups
from logging_pipeline.kibana.client import Kibana
from logging_pipeline.kibana.push import push
from logging_pipeline.kibana.saved_objects import Key
from logging_pipeline.kibana.survey import survey
from logging_pipeline.kibana.targets import Target
from tests.kibana.conftest import Item, pushed, states, whole_file
from tests.kibana.stand_in import StandIn

EVERY_VERSION = pytest.mark.parametrize("stand_in", ["8.19.4", "9.2.3", "9.9.0"], indirect=True)


@EVERY_VERSION
def test_into_an_empty_space(stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]):
    """All objects are new, are written, and are the same afterwards though Kibana migrated them."""
    assert set(states(kibana, objects).values()) == {"new"}

    outcome = pushed(kibana, backups, objects)

    assert outcome.well
    assert outcome.backup is not None
    assert outcome.backup.state == "done"
    assert sorted(map(str, outcome.backup.created)) == [
        "dashboard:page", "index-pattern:view", "search:search", "tag:logs",
    ]  # fmt: skip
    assert set(states(kibana, objects).values()) == {"same"}


@EVERY_VERSION
def test_nothing_is_written_when_nothing_differs(
    stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]
):
    """A second import is none: no request that writes, no backup."""
    pushed(kibana, backups, objects)
    stand_in.requests.clear()

    assert pushed(kibana, backups, objects).backup is None
    assert stand_in.written() == []
    assert len(backups.all()) == 1


@EVERY_VERSION
def test_only_what_changed_is_sent(stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]):
    """The changed dashboard alone is overwritten; its data view keeps the version that it had."""
    pushed(kibana, backups, objects)
    view = stand_in.store.get("default", ("index-pattern", "view"))
    assert view is not None
    before = view["version"]
    objects[3]["attributes"]["title"] = "Better"

    outcome = pushed(kibana, backups, objects)

    assert outcome.well
    assert outcome.backup is not None
    assert outcome.backup.touched == (Key("dashboard", "page"),)
    assert outcome.backup.created == ()
    assert stand_in.store.get("default", ("index-pattern", "view"))["version"] == before
    assert stand_in.store.get("default", ("dashboard", "page"))["attributes"]["title"] == "Better"
    saved = {each["id"] for each in backups.before(outcome.backup)}
    assert saved == {"page", "view", "logs"}  # with what it refers to


def test_a_change_made_since_the_difference_was_shown(
    stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]
):
    """It is never overwritten unseen: nothing is written."""
    pushed(kibana, backups, objects)
    objects[3]["attributes"]["title"] = "Ours"
    plan = survey(kibana, objects)
    stand_in.store.edit("default", ("dashboard", "page"), lambda a: a.update(description="theirs"))
    stand_in.requests.clear()

    with pytest.raises(KibanaError, match="has changed since"):
        pushed_with(plan.digest, kibana, backups, objects)
    assert stand_in.written() == []


def test_a_change_made_between_backup_and_import(
    stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]
):
    """An object that appears in the last moment makes Kibana refuse the whole import."""
    made = whole_file()[2]

    def appear(request: str) -> None:
        if request.endswith("_import"):
            stand_in.before_answering = lambda _request: None
            stand_in.store.import_("default", [whole_file()[1], made])

    stand_in.before_answering = appear
    with pytest.raises(KibanaError, match="has changed since"):
        pushed(kibana, backups, objects)
    assert stand_in.store.get("default", ("dashboard", "page")) is None
    assert backups.about("").state == "failed"


def test_a_second_space(stand_in: StandIn, target: Target, kibana: Kibana, tmp_path: Path, objects: list[Item]):
    """Ids are taken by the first space: Kibana gives others, and the second import finds the copies by their origin."""
    pushed(kibana, Backups(tmp_path, "kibana", "default"), objects)
    backups = Backups(tmp_path, "kibana", "team")
    with Kibana(target, "team") as team:
        outcome = pushed(team, backups, objects)

        assert outcome.well
        copy = next(each for each in stand_in.store.items("team") if each["type"] == "dashboard")
        assert copy["id"] != "page"
        assert copy["originId"] == "page"
        assert Key("dashboard", copy["id"]) in outcome.backup.created
        assert {each["id"] for each in copy["references"]} <= {each["id"] for each in stand_in.store.items("team")}
        assert set(states(team, objects).values()) == {"same"}

        objects[3]["attributes"]["title"] = "Better"
        assert states(team, objects)["dashboard:page"] == "changed"
        assert pushed(team, backups, objects).well
        assert stand_in.store.get("team", ("dashboard", copy["id"]))["attributes"]["title"] == "Better"
    assert stand_in.store.get("default", ("dashboard", "page"))["attributes"]["title"] == "Page"


def test_several_copies_of_one_object(stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]):
    """Which one is replaced is chosen by people: without a choice the candidates are named."""
    pushed(kibana, backups, objects)
    view, page = objects[1], objects[3]
    for name in ("one", "two"):
        stand_in.store.put("default", {**page, "id": name, "originId": "lost"})
    file = [view, {**page, "id": "lost", "attributes": {**page["attributes"], "title": "Chosen"}}]

    with pytest.raises(KibanaError, match=r'dashboard:lost could replace any of one "Page", two "Page"'):
        survey(kibana, file)
    outcome = pushed(kibana, backups, file, chosen={Key("dashboard", "lost"): "two"})

    assert outcome.well
    assert stand_in.store.get("default", ("dashboard", "two"))["attributes"]["title"] == "Chosen"
    assert stand_in.store.get("default", ("dashboard", "one"))["attributes"]["title"] == "Page"
    with pytest.raises(KibanaError, match="dashboard:three is not there"):
        survey(kibana, file, {Key("dashboard", "lost"): "three"})


def test_missing_references(stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]):
    """They are named before anything is sent, also those that Kibana would not look at; ignoring them is a choice."""
    objects[3]["references"].append({"id": "gone", "name": "lens-1", "type": "lens"})
    file = objects[2:]

    plan = survey(kibana, file)
    assert {str(reference) for reference, _who in plan.missing} == {"index-pattern:view", "lens:gone", "tag:logs"}
    with pytest.raises(KibanaError, match="which is neither in the file nor in the space"):
        pushed(kibana, backups, file)
    assert stand_in.written() == []

    assert pushed(kibana, backups, file, ignore_missing=True).well
    assert stand_in.store.get("default", ("dashboard", "page")) is not None


def test_a_type_that_this_kibana_has_not(stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]):
    """The answer is 200; what it says is read: the object is named, and what was written is in the backup."""
    stand_in.store.newest = {name: n for name, n in stand_in.store.newest.items() if name != "tag"}

    outcome = pushed(kibana, backups, objects)

    assert not outcome.well
    assert [str(each) for each in outcome.failures] == [
        "tag:logs: this Kibana imports no tag: its version or its licence has none"
    ]
    assert outcome.backup.state == "failed"
    assert Key("dashboard", "page") in outcome.backup.created


def test_success_is_seen_and_not_believed(stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]):
    """An answer that claims success while nothing is there is not taken for one."""
    claim = json.dumps({"success": True, "successCount": 4, "successResults": []}).encode()
    stand_in.answers.append(("_import", 200, claim, {}))

    outcome = pushed(kibana, backups, objects)

    assert not outcome.well
    assert {each.state for each in outcome.remaining} == {"new"}


def test_an_import_without_an_answer(stand_in: StandIn, kibana: Kibana, backups: Backups, objects: list[Item]):
    """It is sent once, and what it has made all the same stands in the backup."""

    def carry_out(request: str) -> None:
        if request.endswith("_import"):
            stand_in.before_answering = lambda _request: None
            stand_in.store.import_("default", whole_file())

    stand_in.before_answering = carry_out
    stand_in.answers.append(("_import", 504, b"<html>gateway</html>", {}))

    with pytest.raises(KibanaError, match="504"):
        pushed(kibana, backups, objects)
    assert sum(each.endswith("_import") for each in stand_in.requests) == 1
    assert len(backups.about("").created) == 4


def test_two_at_once(stand_in: StandIn, target: Target, kibana: Kibana, backups: Backups, objects: list[Item]):
    """The second is told to wait; it writes nothing."""
    reached, go_on = threading.Event(), threading.Event()

    def wait(request: str) -> None:
        if request.endswith("_import"):
            reached.set()
            assert go_on.wait(60)

    plan = survey(kibana, objects)
    stand_in.before_answering = wait
    results: list[Any] = []
    first = threading.Thread(target=lambda: results.append(pushed_with(plan.digest, kibana, backups, objects)))
    first.start()
    assert reached.wait(60)
    with Kibana(target) as other, pytest.raises(KibanaError, match="another import is going on"):
        pushed_with(plan.digest, other, backups, objects)
    go_on.set()
    first.join(60)
    assert results[0].well
    assert sum(each.endswith("_import") for each in stand_in.requests) == 1


def pushed_with(digest: str, kibana: Kibana, backups: Backups, items: list[Item]) -> Any:
    return push(kibana, backups, items, digest=digest, by="a test")
