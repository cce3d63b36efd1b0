"""How fast the processor is, moment by moment: a machine that shares it with others' work may halve for minutes."""

from __future__ import annotations

import statistics
import threading
import time

__all__ = ["Pace"]

PAUSE_S = 0.25
TURNS = 10_000  # of the loop that is timed; about a millisecond
LEAST = 5  # times of the loop that a mean is made of


class Pace(threading.Thread):
    """
    Times a small loop four times a second, by the processor's clock, so that waiting for a turn does not count.

    What a contender was given is `since` its beginning; beside another's it tells whether both had the same machine.
    """

    def __init__(self) -> None:
        super().__init__(name="pace", daemon=True)
        self._seen: list[tuple[float, float]] = []
        self.start()

    def run(self) -> None:
        """As long as the process lives."""
        while True:
            began = time.thread_time()
            total = 0
            for number in range(TURNS):
                total += number * number
            self._seen.append((time.monotonic(), TURNS / (time.thread_time() - began)))
            time.sleep(PAUSE_S)

    def since(self, began: float) -> float:
        """The mean pace since *began* of `time.monotonic`, in turns of the loop a second."""
        while len(found := [pace for at, pace in self._seen if at >= began]) < LEAST:
            time.sleep(PAUSE_S)
        return statistics.fmean(found)
