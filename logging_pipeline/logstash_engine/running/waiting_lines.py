"""Lines that arrive on threads of their own and wait for a worker, in a bounded queue that holds the sender back."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.running.interfaces import Delivery

__all__ = ["WaitingLines"]

CAPACITY = 10_000
BATCH = 500


class WaitingLines:
    """A source for inputs without acknowledgement: what is here when the process dies is lost."""

    def __init__(self, decode: Callable[[bytes], list[Event]]) -> None:
        self.decode = decode
        self.closed = threading.Event()
        self._queue: queue.Queue[bytes] = queue.Queue(CAPACITY)
        self._returned: list[bytes] = []

    def put(self, line: bytes) -> None:
        """Wait until there is room for *line*, or until nobody will take it any more."""
        while not self.closed.is_set():
            try:
                self._queue.put(line, timeout=0.5)
            except queue.Full:
                continue
            return

    def poll(self) -> Delivery | None:
        """What has arrived since, oldest first."""
        lines, self._returned = self._returned, []
        while len(lines) < BATCH:
            try:
                lines.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return Delivery(lines, give_back=lambda: self._returned.extend(lines)) if lines else None

    def close(self) -> None:
        """Take no more."""
        self.closed.set()
