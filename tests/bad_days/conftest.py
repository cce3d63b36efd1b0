"""Bad days on one pipeline, and the table of their accounts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bad_days.day import Day
from tests.bad_days.pipeline import Pipeline
from tests.bad_days.vanished import Vanished

ROWS = pytest.StashKey[list[tuple[str, float, dict[str, int]]]]()


@pytest.fixture
def day(pipeline: Pipeline, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Day]:
    """A day that begins with everything well; its account goes into the table."""
    if any("vanished" in item.fixturenames for item in request.session.items if isinstance(item, pytest.Function)):
        request.getfixturevalue("vanished")  # so that its minute passes meanwhile
    pipeline.make_whole()
    yield from _live(Day(_name(request), pipeline, tmp_path), request.config)


@pytest.fixture(scope="session")
def vanished(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vanished]:
    """A worker that was killed when the first day began: what it had in its hands comes back after a minute."""
    gone = Vanished(tmp_path_factory.mktemp("vanished"), pipeline)
    yield gone
    gone.pipeline.end()


@pytest.fixture
def day_of_the_vanished(vanished: Vanished, request: pytest.FixtureRequest) -> Iterator[Day]:
    """Its day, which has begun long ago."""
    yield from _live(vanished.day, request.config)


def _live(day: Day, config: pytest.Config) -> Iterator[Day]:
    started = time.monotonic()
    day.begin()
    yield day
    for emitter in day.emitters:
        emitter.kill()
    if not day.row():  # it ended early: nothing of it may reach into another day
        day.pipeline.worker.kill()
        day.pipeline.consumer.kill()
    config.stash.setdefault(ROWS, []).append((day.name, time.monotonic() - started, day.row()))


def _name(request: pytest.FixtureRequest) -> str:
    return str(request.node.name).removeprefix("test_").replace("_", " ")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table."""
    rows = config.stash.get(ROWS, [])
    if rows:
        terminalreporter.section("Accounting of the bad days")
        for line in table(rows):
            terminalreporter.write_line(line)


def table(rows: list[tuple[str, float, dict[str, int]]]) -> list[str]:
    """One line a day, as wide as it needs."""
    dropped = sorted({name for *_, row in rows for name in row if name.startswith("dropped(")})
    names = ["numbered", "indexed", "discarded", "dead_lettered", *dropped, "in_flight", "lost", "unknown"]
    names += ["duplicates", "forged"]
    cells = [["", *names, "seconds"]]
    for name, seconds, row in rows:
        cells.append([name, *(str(row.get(column, 0)) if row else "?" for column in names), f"{seconds:.0f}"])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True))])
        for line in cells
    ]
