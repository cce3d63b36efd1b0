"""The elasticsearch output: stage 12, with each event's index, id and action as the configuration says."""

from __future__ import annotations

import time
from collections.abc import Callable

from logging_pipeline import metrics
from logging_pipeline.indexes.store import Store
from logging_pipeline.journey.write import Action, write
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.events.wire import encode
from logging_pipeline.logstash_engine.running.interfaces import Runtime

__all__ = ["ElasticsearchSink"]


class ElasticsearchSink:
    """
    Writes events of one worker.

    Args:
        place: data stream, id and action of an event.
        dead_letters: the data stream for what is refused.
    """

    def __init__(
        self,
        store: Store,
        runtime: Runtime,
        *,
        place: Callable[[Event], tuple[str, str, str]],
        dead_letters: str,
        close: Callable[[], None],
    ) -> None:
        self._store = store
        self._runtime = runtime
        self._place = place
        self._dead_letters = dead_letters
        self.close = close

    def write(self, events: list[Event]) -> None:
        """Return when each event is indexed, found there already, or a dead letter."""
        started = time.perf_counter()
        actions = []
        for event in events:
            stream, identity, action = self._place(event)
            actions.append(Action(stream, identity, encode(event), action))
        written = write(actions, store=self._store, dead_letters=self._dead_letters, stop=self._runtime.stop)
        metrics.WRITE_SECONDS.observe(time.perf_counter() - started)
        for (stream, outcome), count in written.counts.items():
            metrics.WRITTEN.labels(stream, outcome).inc(count)
