"""``logpipe kibana``: says what it would do, does what it was told, and exits as scripts expect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from logging_pipeline.cli.kibana import kibana as command
from logging_pipeline.errors import ConfigurationError, KibanaError
from logging_pipeline.kibana.saved_objects import ndjson, read
from logging_pipeline.settings import Settings, adopt, load
from tests.kibana.conftest import Item
from tests.kibana.stand_in import API_KEY, StandIn


class Commands:
    """Runs ``logpipe kibana …`` with a file of objects."""

    def __init__(self, folder: Path, objects: list[Item]) -> None:
        self.file = folder / "built.ndjson"
        self.objects = objects

    def run(self, *arguments: str, answer: str | None = None) -> Result:
        """An error of the library is raised, as the console script would print it."""
        self.file.write_text(ndjson(self.objects), encoding="utf-8")
        result = CliRunner().invoke(command, list(arguments), input=answer)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result


@pytest.fixture
def commands(stand_in: StandIn, tmp_path: Path, objects: list[Item], before: Settings | None) -> Commands:
    """Against the stand-in, with its state in a folder of its own."""
    adopt(load({"kibana_url": stand_in.url, "kibana_api_key": API_KEY, "state_dir": tmp_path / "state"}, {}))
    return Commands(tmp_path, objects)


@pytest.fixture
def before() -> Any:
    """The settings of the process are put back."""
    import logging_pipeline.settings as settings

    adopted = settings._adopted
    yield adopted
    settings._adopted = adopted


def test_diff_push_diff_rollback(stand_in: StandIn, commands: Commands):
    """Each step says what differs and by its exit code whether anything does."""
    file = str(commands.file)
    first = commands.run("diff", file)
    assert first.exit_code == 1
    assert 'new      dashboard     page "Page"' in first.output
    assert stand_in.written() == []

    written = commands.run("push", file, "--yes")
    assert (written.exit_code, "Done. Undo with: logpipe kibana rollback 2" in written.output) == (0, True)
    assert commands.run("diff", file).exit_code == 0

    panels = json.loads(commands.objects[3]["attributes"]["panelsJSON"])
    panels[0]["gridData"]["w"] = 12
    commands.objects[3]["attributes"]["panelsJSON"] = json.dumps(panels)
    changed = commands.run("diff", file)
    assert "panelsJSON[p1].gridData.w: 24 → 12" in changed.output
    assert "same     3 objects" in changed.output
    assert commands.run("push", file, "--yes").exit_code == 0

    listed = commands.run("rollback", "--list")
    assert listed.output.count("push by") == 2
    undone = commands.run("rollback", "--yes")
    assert "panelsJSON[p1].gridData.w: 12 → 24" in undone.output
    first_push = listed.output.splitlines()[1].split()[0]
    gone = commands.run("rollback", first_push, "--yes")
    assert gone.exit_code == 0
    assert "removed: dashboard:page" in gone.output
    assert stand_in.store.items("default") == []


def test_it_asks_before_it_writes(stand_in: StandIn, commands: Commands):
    """Where nobody can be asked nothing is written, without ``--yes``."""
    refused = commands.run("push", str(commands.file), answer="n\n")
    assert refused.exit_code == 2
    assert "give --yes" in refused.output
    assert commands.run("push", str(commands.file), "--json").exit_code == 2
    assert stand_in.written() == []


def test_for_programs(stand_in: StandIn, commands: Commands):
    """``--json`` is one object with every change."""
    plan = json.loads(commands.run("diff", str(commands.file), "--json").output)
    assert (plan["target"], plan["space"]) == ("kibana", "default")
    assert {each["state"] for each in plan["differences"]} == {"new"}
    done = json.loads(commands.run("push", str(commands.file), "--json", "--yes").output)
    assert done["well"] is True
    back = json.loads(commands.run("rollback", "--json", "--yes").output)
    assert sorted(back["removed"]) == ["dashboard:page", "index-pattern:view", "search:search", "tag:logs"]
    listed = json.loads(commands.run("rollback", "--list", "--json").output)["backups"]
    assert [each["reason"] for each in listed] == [f"rollback of {done['backup']}", "push"]


def test_pull(stand_in: StandIn, commands: Commands):
    """What people edited and added in Kibana is saved, and shown; a fresh pull of the same gives the same bytes."""
    commands.run("push", str(commands.file), "--yes")
    stand_in.store.edit("default", ("dashboard", "page"), lambda a: a.update(description="By hand"))
    theirs = {**commands.objects[3], "id": "theirs"}
    stand_in.store.put("default", theirs)

    pulled = commands.run("pull", str(commands.file))

    assert pulled.exit_code == 1
    assert 'description: "By hand" → —' in pulled.output
    assert "only in Kibana: dashboard:theirs" in pulled.output
    saved = commands.file.with_name("built.pulled.ndjson")
    found = read(saved.read_text())
    assert [each["id"] for each in found] == ["page", "theirs", "view", "search", "logs"]
    assert not {"version", "updated_at", "created_at"} & set(found[0])
    content = saved.read_bytes()
    commands.run("pull", str(commands.file))
    assert saved.read_bytes() == content


def test_pull_into_what_is_no_file(commands: Commands, tmp_path: Path):
    """A place that takes no file is named, with the option that names another."""
    with pytest.raises(KibanaError, match=r"cannot be written: .+ --into"):
        commands.run("pull", str(commands.file), "--into", str(tmp_path / "nowhere" / "pulled.ndjson"))


def test_a_file_that_may_not_be_imported(stand_in: StandIn, commands: Commands):
    """What is wrong with it is said by line, and Kibana is not asked."""
    commands.objects[3]["attributes"]["panelsJSON"] = "[{"
    refused = commands.run("push", str(commands.file), "--yes")
    assert refused.exit_code == 1
    assert "line 4: dashboard page: attributes.panelsJSON: is not JSON" in refused.output
    assert stand_in.requests == []


def test_where_to(stand_in: StandIn, commands: Commands, tmp_path: Path):
    """Several targets have names; a space that is not there is refused before anything is written to it."""
    with pytest.raises(KibanaError, match="Name a space that there is"):
        commands.run("push", str(commands.file), "--space", "tema", "--yes")
    written = commands.run("push", str(commands.file), "--space", "team", "--yes")
    assert written.exit_code == 0
    assert written.output.rstrip().endswith(" --space team")
    assert {each["type"] for each in stand_in.store.items("team")} == {"dashboard", "index-pattern", "search", "tag"}
    named = {"kibana_url": f"staging={stand_in.url},live=http://127.0.0.1:1", "kibana_api_key": f"staging={API_KEY}"}
    adopt(load({**named, "state_dir": tmp_path}, {}))
    with pytest.raises(ConfigurationError, match=r"names several targets\. Choose one of staging, live"):
        commands.run("diff", str(commands.file))
    assert commands.run("diff", str(commands.file), "--target", "staging").exit_code == 1
    with pytest.raises(ConfigurationError, match=r"names no target .http://evil\.example"):
        commands.run("diff", str(commands.file), "--target", "http://evil.example")


def test_validate(commands: Commands):
    """What is wrong fails it; what only newer Kibanas take is said."""
    commands.objects[3]["typeMigrationVersion"] = "10.9.0"
    newer = commands.run("validate", str(commands.file))
    assert newer.exit_code == 0
    assert "10.9.0 is newer than Kibana 8.19 takes" in newer.output
    assert "nothing wrong found" in newer.output
    del commands.objects[1]
    broken = commands.run("validate", str(commands.file))
    assert broken.exit_code == 1
    assert "index-pattern view is not in the file" in broken.output
