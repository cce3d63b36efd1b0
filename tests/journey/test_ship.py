"""Stage 7: one hand-over at a time, and pauses for a broker that is away."""

from __future__ import annotations

import pytest

from logging_pipeline.errors import BrokerUnavailable
from logging_pipeline.journey.pack import Batch
from logging_pipeline.journey.ship import PAUSE_CAP_S, PAUSE_S, Breaker, ship

BATCH = Batch("b", {"order": b"{}"}, {"order": [1]})


class Broker:
    """Away or there."""

    def __init__(self) -> None:
        self.away = False
        self.asked = 0

    def __call__(self, batch: Batch) -> None:
        self.asked += 1
        if self.away:
            raise BrokerUnavailable("away")


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_broker_that_was_away_is_not_asked_for_every_batch():
    """Each question may cost the whole timeout; in the pause batches go to disk at once."""
    broker, clock = Broker(), Clock()
    breaker = Breaker(clock)
    broker.away = True
    for _ in range(5):
        with pytest.raises(BrokerUnavailable):
            ship(BATCH, send=broker, breaker=breaker)
    assert broker.asked == 1
    clock.now += PAUSE_S
    broker.away = False
    ship(BATCH, send=broker, breaker=breaker)
    assert broker.asked == 2
    assert not breaker.open


def test_pauses_double_to_their_cap_and_are_forgotten_after_success():
    """A broker that is back is noticed within seconds."""
    clock = Clock()
    breaker = Breaker(clock)
    pauses = []
    for _ in range(8):
        breaker.failed()
        before = clock.now
        while breaker.open:
            clock.now += 0.25
        pauses.append(clock.now - before)
    assert pauses == [0.5, 1, 2, 4, 8, PAUSE_CAP_S, PAUSE_CAP_S, PAUSE_CAP_S]
    breaker.succeeded()
    breaker.failed()
    clock.now += PAUSE_S
    assert not breaker.open
