"""Bad days on one pipeline."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bad_days.day import Day
from tests.bad_days.pipeline import Pipeline
from tests.bad_days.vanished import Vanished


@pytest.fixture
def day(pipeline: Pipeline, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Day]:
    """A day that begins with everything well; its account goes into the table."""
    if any("vanished" in item.fixturenames for item in request.session.items if isinstance(item, pytest.Function)):
        request.getfixturevalue("vanished")  # so that its minute passes meanwhile
    pipeline.make_whole()
    yield from _live(Day(_name(request), pipeline, tmp_path), request.node)


@pytest.fixture(scope="session")
def vanished(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vanished]:
    """A worker that was killed when the first day began: what it had in its hands comes back after a minute."""
    gone = Vanished(tmp_path_factory.mktemp("vanished"), pipeline)
    yield gone
    gone.pipeline.end()


@pytest.fixture
def day_of_the_vanished(vanished: Vanished, request: pytest.FixtureRequest) -> Iterator[Day]:
    """Its day, which has begun long ago."""
    yield from _live(vanished.day, request.node)


def _live(day: Day, test: pytest.Item) -> Iterator[Day]:
    started = time.monotonic()
    day.begin()
    yield day
    day.end()
    test.user_properties.append(("bad day", (day.name, time.monotonic() - started, day.row())))


def _name(request: pytest.FixtureRequest) -> str:
    return str(request.node.name).removeprefix("test_").replace("_", " ")
