"""
Stage 7 of 12: hand a batch to a Celery task within a deadline.

A broker that refuses or hangs is asked again only after a pause, so that not every batch pays for its absence.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from logging_pipeline.errors import BrokerUnavailable
from logging_pipeline.journey.pack import Batch

__all__ = ["Breaker", "Send", "ship"]

Send = Callable[[Batch], None]
"""Publishes the task; raises `BrokerUnavailable` within its own time limit."""

PAUSE_S = 0.5  # after the first failure; doubled by each further one
PAUSE_CAP_S = 15.0  # longer would hide a broker that is back


class Breaker:
    """Remembers that the broker was away."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pause_s = 0.0
        self._closed_at = 0.0

    @property
    def open(self) -> bool:
        """Whether it is too early to ask the broker again."""
        return self._clock() < self._closed_at

    def failed(self) -> None:
        """The broker did not take a batch: wait longer than last time."""
        self._pause_s = min(self._pause_s * 2 or PAUSE_S, PAUSE_CAP_S)
        self._closed_at = self._clock() + self._pause_s

    def succeeded(self) -> None:
        """The broker took a batch: ask it at once next time."""
        self._pause_s = self._closed_at = 0.0


def ship(batch: Batch, *, send: Send, breaker: Breaker) -> None:
    """
    Hand *batch* to the broker.

    Raises:
        BrokerUnavailable: it was not taken, or not in time; the caller spools it. A batch that timed out may have been
            taken all the same: `stream` lets each id through once.
    """
    if breaker.open:
        raise BrokerUnavailable("the broker was away a moment ago")
    try:
        send(batch)
    except BrokerUnavailable:
        breaker.failed()
        raise
    breaker.succeeded()
