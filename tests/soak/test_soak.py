"""Three minutes of load and faults: nothing is unexplained, nothing doubled, nothing grows."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bad_days.pipeline import Pipeline
from tests.soak.faults import FAULTS, KILLS, plan
from tests.soak.soak import soak

MINUTES = 3
SEED = 4


def test_a_seed_makes_the_same_plan_again():
    """So that what a soak has found can be looked for."""
    assert plan(random.Random(7), 600) == plan(random.Random(7), 600)
    assert plan(random.Random(7), 600) != plan(random.Random(8), 600)


def test_every_fault_comes_in_three_minutes():
    """The run below leaves none out."""
    assert {name for _, name in plan(random.Random(SEED), MINUTES * 60)} == set(FAULTS)


def test_what_is_watched_lives_through_the_second_half():
    """Or nobody could say that it does not grow."""
    assert not {name for at, name in plan(random.Random(SEED), 3_600) if at > 1_900} & KILLS


@pytest.mark.stack
@pytest.mark.soak
@pytest.mark.timeout(900)
def test_soak(pipeline: Pipeline, tmp_path: Path, record_property: Callable[[str, object], None]):
    """Every acknowledged event is found once, or the ledger names it; memory and file handles stay flat."""
    pipeline.make_whole()
    outcome = soak(pipeline, tmp_path, minutes=MINUTES, seed=SEED)
    record_property("soak", outcome.lines())
    assert outcome.complaints == []
    assert outcome.account["forged"] == 0
    assert "producer" in {growth.name for growth in outcome.growth}
