"""What is said of growth: a leak is seen, a step and noise are not."""

from __future__ import annotations

import os
import random

import pytest

from tests.soak.growth import Samples, slope

SECONDS = 160


def samples_of(memory: list[float], handles: list[float]) -> Samples:
    samples = Samples()
    samples.taken["program", 1] = [(float(at), memory[at], handles[at]) for at in range(len(memory))]
    return samples


def noisy(level: float, spread: float) -> list[float]:
    dice = random.Random(1)
    return [level + dice.uniform(-spread, spread) for _ in range(SECONDS)]


def test_noise_and_a_step_are_flat():
    """An outage that made a buffer grow once is no leak."""
    memory = [value + (30 if at > 60 else 0) for at, value in enumerate(noisy(80, 3))]
    (growth,) = samples_of(memory, noisy(20, 2)).growth()
    assert growth.is_flat


@pytest.mark.parametrize("leak", [{"memory_mb": 0.3, "handles": 0}, {"memory_mb": 0, "handles": 0.1}])
def test_a_leak_is_seen(leak: dict[str, float]):
    """Memory or handles that are taken with every event are not flat, through the same noise."""
    memory = [value + at * leak["memory_mb"] for at, value in enumerate(noisy(80, 3))]
    handles = [value + at * leak["handles"] for at, value in enumerate(noisy(20, 2))]
    (growth,) = samples_of(memory, handles).growth()
    assert not growth.is_flat


def test_the_warm_up_does_not_count():
    """What a program takes in its first seconds, it needs."""
    memory = [min(at, 15) * 10.0 for at in range(SECONDS)]
    (growth,) = samples_of(memory, noisy(20, 0)).growth()
    assert growth.memory_growth_mb == 0


def test_what_was_seen_too_shortly_is_not_judged():
    """A killed process' successor has samples of its own."""
    assert samples_of(noisy(80, 3)[:30], noisy(20, 2)[:30]).growth() == []


def test_a_process_is_sampled():
    """This one has some memory and some open files; one that is gone has neither."""
    samples = Samples()
    samples.take(0.0, {"this": os.getpid(), "gone": 2**22 + 1})
    ((_, memory, handles),) = samples.taken.pop(("this", os.getpid()))
    assert memory > 10
    assert handles >= 3
    assert not samples.taken


def test_the_slope_of_a_line():
    """In units of the values a second."""
    assert slope((0.0, 1.0, 2.0, 3.0), (5.0, 7.0, 9.0, 11.0)) == 2.0
