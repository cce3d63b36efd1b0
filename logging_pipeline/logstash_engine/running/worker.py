"""One worker of a pipeline: polls the inputs, filters, writes, acknowledges."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from logging_pipeline.logstash_engine.running.flow import Flow
from logging_pipeline.logstash_engine.running.interfaces import Delivery, Source
from logging_pipeline.stderr import complain

__all__ = ["Keeper", "Worker"]

IDLE_S = 0.05  # after an empty round; doubled by each further one
PAUSE_S = 1.0  # after an output failed for good: the next attempt may be nobody's fault
IDLE_CAP_S = 0.4  # a newcomer waits at most so long for its first event


class Keeper(threading.Thread):
    """Extends what workers have in hand, so that a long outage of an output costs no lease."""

    def __init__(self, interval_s: float) -> None:
        super().__init__(name="logpipe.keeper", daemon=True)
        self._interval_s = interval_s
        self._in_hand: set[Delivery] = set()
        self._lock = threading.Lock()
        self._ended = threading.Event()

    def hold(self, delivery: Delivery) -> None:
        """Keep *delivery* until `release`."""
        with self._lock:
            self._in_hand.add(delivery)

    def release(self, delivery: Delivery) -> None:
        """*delivery* is acknowledged or given back."""
        with self._lock:
            self._in_hand.discard(delivery)

    def run(self) -> None:
        """Until `end`."""
        while not self._ended.wait(self._interval_s):
            with self._lock:
                in_hand = list(self._in_hand)
            for delivery in in_hand:
                try:
                    delivery.extend()
                except Exception as error:  # noqa: BLE001  # tried again at the next interval; the lease outlasts three
                    complain("lease", repr(error))

    def end(self) -> None:
        """Nothing is in anybody's hands any more."""
        self._ended.set()


class Worker(threading.Thread):
    """
    One thread of a pipeline.

    Args:
        flow: this worker's own.
        sources: shared with the other workers of the pipeline.
        stop: when set, what is in hand is finished or given back, and the thread ends.
    """

    def __init__(self, flow: Flow, sources: Sequence[Source], *, keeper: Keeper, stop: threading.Event) -> None:
        super().__init__(name=f"logpipe.{flow.name}", daemon=True)
        self._flow = flow
        self._sources = sources
        self._keeper = keeper
        self._told_to_stop = stop

    def run(self) -> None:
        """Until told to stop."""
        idle_s = IDLE_S
        while not self._told_to_stop.is_set():
            if sum(self._round(source) for source in self._sources):
                idle_s = IDLE_S
            else:
                self._told_to_stop.wait(idle_s)
                idle_s = min(idle_s * 2, IDLE_CAP_S)
        self._flow.close()

    def _round(self, source: Source) -> bool:
        """Work on one delivery of *source*, if it has one."""
        if self._told_to_stop.is_set():
            return False
        try:
            delivery = source.poll()
        except Exception as error:  # noqa: BLE001  # an input that is away is asked again; the others go on
            complain("input", f"{self._flow.name}: {error!r}")
            return False
        if delivery is None:
            return False
        self._keeper.hold(delivery)
        try:
            self._flow.process_delivery(delivery, source.decode)
            delivery.acknowledge()
        except Exception as error:  # noqa: BLE001  # not acknowledged: it is delivered again, here or elsewhere
            self._give_back(delivery, error)
        finally:
            self._keeper.release(delivery)
        return True

    def _give_back(self, delivery: Delivery, cause: Exception) -> None:
        if not self._told_to_stop.is_set():
            complain("output", f"{self._flow.name}: {cause!r}; the events will be taken again")
            self._told_to_stop.wait(PAUSE_S)
        try:
            delivery.give_back()
        except Exception as error:  # noqa: BLE001  # then its lease expires
            complain("lease", repr(error))
