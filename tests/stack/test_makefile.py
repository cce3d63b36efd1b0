"""The first commands of a newcomer, on machines where something is missing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from stack.settings import PROJECT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout where nothing is installed, on a machine whose PATH holds what a test puts into `bin`."""
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(PROJECT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    for name in ("bash", "touch", "id"):
        (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
    return tmp_path


def add_program(checkout: Path, name: str, script: str) -> None:
    program = checkout / "bin" / name
    program.unlink(missing_ok=True)
    program.write_text(f"#!/bin/bash\n{script}\n")
    program.chmod(0o755)


def make(checkout: Path, target: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(shutil.which("make")), target],
        cwd=checkout, env={"PATH": str(checkout / "bin")}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_an_old_python_is_named_in_one_line(checkout: Path):
    """Who has only an older Python learns which version is needed and which was found."""
    add_program(checkout, "python3", '[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1')
    answer = make(checkout, "status")
    assert answer.returncode != 0
    assert answer.stderr.splitlines()[0] == (
        "make: Python 3.11 or newer is needed, and python3 is Python 3.9.2. Install python3.11."
    )
    assert not (checkout / ".venv").exists()


def test_no_python_is_named_in_one_line(checkout: Path):
    """Who has no Python at all is told the same."""
    answer = make(checkout, "status")
    assert answer.returncode != 0
    assert answer.stderr.splitlines()[0].startswith("make: Python 3.11 or newer is needed")


def test_no_chromium_is_named_in_one_line(checkout: Path):
    """Who may not install Chromium is told what to install, before any test runs."""
    add_program(checkout, "id", "echo 1000")
    answer = make(checkout, "browser")
    assert answer.returncode != 0
    assert answer.stderr.splitlines()[0] == (
        "make: the tests need Chromium and its driver. Debian: sudo apt-get install chromium chromium-driver"
    )


def test_root_gets_chromium_installed(checkout: Path):
    """On a new machine of ours the tests install their browser themselves."""
    add_program(checkout, "id", "echo 0")
    add_program(checkout, "apt-get", f'echo "$@" >> {checkout}/asked')
    answer = make(checkout, "browser")
    assert answer.returncode == 0, answer.stderr
    first, second = (checkout / "asked").read_text().splitlines()
    assert first.startswith("update")
    assert "chromium chromium-driver" in second


def test_every_target_is_in_the_list(checkout: Path):
    """`make` without a target says what there is."""
    (checkout / "bin" / "awk").symlink_to(str(shutil.which("awk")))
    listed = make(checkout, "help").stdout
    for target in ("run", "stop", "status", "env", "test", "lint", "check", "requirements", "clean", "reset"):
        assert f"make {target} " in listed
