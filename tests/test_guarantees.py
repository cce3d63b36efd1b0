"""docs/guarantees.md: what stands beside a promise exists."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from logging_pipeline.cli import cli

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/guarantees.md").read_text()


def commands(program: str) -> list[list[str]]:
    """Every command of *program* on the page, split into words."""
    return [shlex.split(found) for found in re.findall(rf"`({program} [^`]+)`", PAGE)]


def test_functions(words: list[str]) -> Iterator[str]:
    """The tests that `pytest` would run: in the files or folders named, with a word of ``-k`` in their names."""
    wanted = [""]
    if "-k" in words:
        wanted = words[words.index("-k") + 1].split(" or ")
        words = words[: words.index("-k")]
    for place in (ROOT / word for word in words[1:]):
        for path in place.glob("test_*.py") if place.is_dir() else [place]:
            for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE):
                if any(part in name for part in wanted):
                    yield name


test_functions.__test__ = False  # type: ignore[attr-defined]  # it finds tests and is none


@pytest.mark.parametrize("words", commands("pytest"), ids=" ".join)
def test_every_proof_runs_a_test(words: list[str]):
    """The files are there, and each word of ``-k`` is in the name of a test in them."""
    assert list(test_functions(words))
    if "-k" in words:
        files = words[: words.index("-k")]
        for part in words[words.index("-k") + 1].split(" or "):
            assert list(test_functions([*files, "-k", part])), part


def test_the_table_of_bad_days_is_the_tests():
    """Each day on the page is a test, and each test is a day on the page."""
    table = PAGE.partition("| day | what happens | allowed |")[2].partition("\n\n")[0]
    told = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[2:]]
    files = [path for path in sorted((ROOT / "tests/bad_days").glob("test_*.py")) if path.stem != "test_obligations"]
    days = [name for path in files for name in re.findall(r"^def test_(\w+)", path.read_text(), re.MULTILINE)]
    assert sorted(told) == sorted(name.replace("_", " ") for name in days)


def test_every_command_is_one():
    """Every `logpipe …` on the page is a command with those options; every module that is run can be."""
    in_blocks = re.findall(r"^(?:LOGPIPE_\S+ )*(?:7 \* \* \* \*  )?(logpipe [^#\n]+)", PAGE, re.MULTILINE)
    said = [*commands("logpipe"), *map(shlex.split, in_blocks)]
    assert len(in_blocks) == 4
    for words in said:
        if words[1] == "…":
            continue
        command = cli.commands[words[1].strip("`.:;,")]
        options = {name for param in command.params for name in param.opts}
        for word in words[2:]:
            if re.fullmatch(r"--[a-z-]+", word):
                assert word in options, words
    for words in commands("python -m"):
        assert importlib.util.find_spec(words[2]), words
