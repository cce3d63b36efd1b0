"""One worker of a pipeline: polls the inputs, filters, writes, acknowledges."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from logging_pipeline import metrics
from logging_pipeline.errors import PipelineError
from logging_pipeline.journey.transform import Transformed, transform
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.pipeline import Pipeline
from logging_pipeline.logstash_engine.running.filtered_out import FilteredOut
from logging_pipeline.logstash_engine.running.interfaces import Delivery, Sink, Source
from logging_pipeline.stderr import complain

__all__ = ["Keeper", "Worker"]

IDLE_S = 0.05  # after an empty round; doubled by each further one
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
    Runs one compiled copy of a pipeline; compiled filters keep state, so workers share none.

    Args:
        pipeline: this worker's own copy.
        sources: shared with the other workers of the pipeline.
        sinks: this worker's own, in the order of the pipeline's outputs.
        stop: when set, what is in hand is finished or given back, and the thread ends.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        sources: Sequence[Source],
        sinks: Sequence[Sink],
        *,
        keeper: Keeper,
        filtered_out: FilteredOut,
        stop: threading.Event,
    ) -> None:
        super().__init__(name=f"logpipe.{pipeline.name}", daemon=True)
        self._pipeline = pipeline
        self._sources = sources
        self._sinks = sinks
        self._keeper = keeper
        self._filtered_out = filtered_out
        self._stop_event = stop
        self._taken = metrics.TAKEN.labels(pipeline.name)
        self._seconds = metrics.TRANSFORM_SECONDS.labels(pipeline.name)

    def run(self) -> None:
        """Until told to stop."""
        idle_s = IDLE_S
        while not self._stop_event.is_set():
            if sum(self._round(source) for source in self._sources):
                idle_s = IDLE_S
            else:
                self._stop_event.wait(idle_s)
                idle_s = min(idle_s * 2, IDLE_CAP_S)
        for sink in self._sinks:
            sink.close()

    def _round(self, source: Source) -> bool:
        """Work on one delivery of *source*, if it has one."""
        if self._stop_event.is_set():
            return False
        try:
            delivery = source.poll()
        except Exception as error:  # noqa: BLE001  # an input that is away is asked again; the others go on
            complain("input", f"{self._pipeline.name}: {error!r}")
            return False
        if delivery is None:
            return False
        self._keeper.hold(delivery)
        try:
            self._work_on(source, delivery)
        except Exception as error:  # noqa: BLE001  # not acknowledged: it is delivered again, here or elsewhere
            if not (isinstance(error, PipelineError) and self._stop_event.is_set()):
                complain("output", f"{self._pipeline.name}: {error!r}; the events will be taken again")
                self._stop_event.wait(1.0)
            self._give_back(delivery)
        finally:
            self._keeper.release(delivery)
        return True

    def _work_on(self, source: Source, delivery: Delivery) -> None:
        self._taken.inc(len(delivery.lines))
        started = time.perf_counter()
        transformed = transform(delivery.lines, decode=source.decode, filters=self._filter)
        self._seconds.inc(time.perf_counter() - started)
        if transformed.failed:
            metrics.TRANSFORM_FAILURES.labels(self._pipeline.name).inc(transformed.failed)
        for sink, events in zip(self._sinks, self._routed(transformed.events), strict=True):
            if events:
                sink.write(events)
        if transformed.dropped:
            self._filtered_out.account_for(transformed.dropped)
        delivery.acknowledge()

    def _filter(self, events: list[Event]) -> Transformed:
        filtered = self._pipeline.filter(events)
        dropped = [(lost.event, f"{lost.reason} ({lost.place.file}:{lost.place.line})") for lost in filtered.dropped]
        return Transformed(filtered.events, dropped)

    def _routed(self, events: list[Event]) -> list[list[Event]]:
        routed: list[list[Event]] = [[] for _ in self._sinks]
        for event in events:
            outputs = self._pipeline.route(event)
            if not outputs:
                self._filtered_out.add(event, "no output wants it")
            for index in outputs:
                routed[index].append(event)
        return routed

    def _give_back(self, delivery: Delivery) -> None:
        try:
            delivery.give_back()
        except Exception as error:  # noqa: BLE001  # then its lease expires
            complain("lease", repr(error))
