"""The generator input."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count, islice

from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.running.interfaces import Delivery, Line

__all__ = ["Generated"]

BATCH = 500


class Generated:
    """
    The same lines again and again.

    Args:
        rounds: how often all lines come; 0 for ever.
        complete: puts the number of the round, from 0 on, into an event.
    """

    def __init__(
        self,
        lines: list[str],
        rounds: int,
        *,
        decode: Callable[[bytes], list[Event]],
        complete: Callable[[int, Event], object],
    ) -> None:
        self.decode = decode
        self._complete = complete
        self._lines = self._endless(lines, rounds)
        self._lock = threading.Lock()

    def poll(self) -> Delivery | None:
        """The next lines."""
        with self._lock:
            lines = list(islice(self._lines, BATCH))
        return Delivery(lines) if lines else None

    def close(self) -> None:
        """No more."""
        with self._lock:
            self._lines = iter(())

    def _endless(self, lines: list[str], rounds: int) -> Iterator[bytes]:
        for number in range(rounds) if rounds else count():
            for line in lines:
                yield Line.of(line.encode(), partial(self._complete, number))
