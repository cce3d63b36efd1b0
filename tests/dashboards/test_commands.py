"""``logpipe dashboards`` and ``logpipe kibana``: exit codes, and words that lead to the mistake."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import logging_pipeline
from logging_pipeline.cli.dashboards import dashboards
from logging_pipeline.cli.kibana import kibana
from logging_pipeline.contract import Contract
from logging_pipeline.errors import DashboardError
from logging_pipeline.settings import Settings
from tests.dashboards.conftest import FOLDER


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, project: Contract) -> None:
    """The shop's app name, whatever the suite has configured."""
    monkeypatch.setattr(logging_pipeline, "configured", lambda: Settings(app="shop"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the definitions."""
    return Path(shutil.copytree(FOLDER, tmp_path / "definitions"))


def test_check_says_that_all_is_well(folder: Path):
    """Exit code 0, and how much was looked at."""
    result = CliRunner().invoke(dashboards, ["check", str(folder)])

    assert (result.exit_code, result.output) == (0, "7 dashboards with 67 panels: all well.\n")


def test_check_names_every_mistake(folder: Path):
    """Exit code 1; a file that cannot be read does not hide what is wrong in another, nor break links to itself."""
    (folder / "overview.yml").write_text("title: [")
    http = folder / "http.yml"
    http.write_text(http.read_text().replace("response.body.bytes", "response.body.byts"))
    result = CliRunner().invoke(dashboards, ["check", str(folder)])

    assert result.exit_code == 1
    first, second = result.output.splitlines()
    assert first.startswith(f"{folder / 'overview.yml'}: cannot be read")
    assert second.startswith(f"{http}: panel bytes: measures[0].field: ")
    assert second.endswith("did you mean 'http.response.body.bytes'?")


def test_build_writes_once_and_checks(folder: Path, tmp_path: Path):
    """What is up to date is not written again; --check writes nothing and says what differs."""
    into = tmp_path / "kibana"
    arguments = ["build", str(folder), "--into", str(into)]

    assert CliRunner().invoke(dashboards, [*arguments, "--check"]).exit_code == 1
    assert not into.exists()
    assert "written" in CliRunner().invoke(dashboards, arguments).output
    assert CliRunner().invoke(dashboards, arguments).output == ""
    assert CliRunner().invoke(dashboards, [*arguments, "--check"]).exit_code == 0


@pytest.mark.parametrize("there", [b"\xff\xfe", "of Windows"], ids=["of another encoding", "with other line ends"])
def test_build_knows_its_own_bytes(folder: Path, tmp_path: Path, there: bytes | str):
    """What only looks alike, or cannot be read as text, is not up to date, and is written again."""
    into = tmp_path / "kibana"
    file = into / "dashboards.ndjson"
    arguments = ["build", str(folder), "--into", str(into)]
    CliRunner().invoke(dashboards, arguments)
    built = file.read_bytes()
    file.write_bytes(there if isinstance(there, bytes) else built.replace(b"\n", b"\r\n"))

    assert CliRunner().invoke(dashboards, [*arguments, "--check"]).exit_code == 1
    assert CliRunner().invoke(dashboards, arguments).exit_code == 0
    assert file.read_bytes() == built


def test_build_says_what_cannot_be_written(folder: Path, tmp_path: Path):
    """A place that takes no file is named."""
    (tmp_path / "kibana/dashboards.ndjson").mkdir(parents=True)
    result = CliRunner().invoke(dashboards, ["build", str(folder), "--into", str(tmp_path / "kibana")])

    assert isinstance(result.exception, DashboardError)
    assert str(result.exception) == f"{tmp_path / 'kibana/dashboards.ndjson'}: cannot be written: Is a directory"


def test_check_tells_what_it_passes_over(folder: Path):
    """A definition whose name ends otherwise would never be shown: that is said."""
    (folder / "http.yml").rename(folder / "http.yaml")
    result = CliRunner().invoke(dashboards, ["check", str(folder)])

    assert result.exit_code == 1
    assert result.output.startswith(f"{folder / 'http.yaml'}: is passed over: only names that end in .yml are read\n")


def test_nothing_wrong_is_built(folder: Path, tmp_path: Path):
    """Definitions with a mistake leave the built file as it was."""
    (folder / "http.yml").write_text("title: [")
    result = CliRunner().invoke(dashboards, ["build", str(folder), "--into", str(tmp_path / "kibana")])

    assert result.exit_code == 1
    assert not (tmp_path / "kibana").exists()


def test_validate_knows_the_projects_fields(folder: Path, tmp_path: Path):
    """The built file has nothing wrong; a field that no event has is told."""
    CliRunner().invoke(dashboards, ["build", str(folder), "--into", str(tmp_path)])
    file = tmp_path / "dashboards.ndjson"
    sound = CliRunner().invoke(kibana, ["validate", str(file)])
    file.write_text(file.read_text().replace(r"\"sourceField\":\"http.route\"", r"\"sourceField\":\"http.rout\"", 1))
    broken = CliRunner().invoke(kibana, ["validate", str(file)])

    assert (sound.exit_code, sound.output) == (0, f"{file}: nothing wrong found.\n")
    assert broken.exit_code == 1
    assert "the data view has no field 'http.rout'" in broken.output
