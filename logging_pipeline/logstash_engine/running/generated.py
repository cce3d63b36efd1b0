"""The generator input."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import count, islice

from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.running.interfaces import Delivery

__all__ = ["Generated"]

BATCH = 500


class Generated:
    """
    The same lines again and again.

    Args:
        rounds: how often all lines come; 0 for ever.
    """

    def __init__(self, lines: list[str], rounds: int, *, decode: Callable[[bytes], list[Event]]) -> None:
        self.decode = decode
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
        for _ in range(rounds) if rounds else count():
            yield from (line.encode() for line in lines)
