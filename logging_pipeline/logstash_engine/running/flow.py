"""Filters and outputs of one pipeline, as one worker's own copy."""

from __future__ import annotations

import time
from collections.abc import Sequence

from logging_pipeline import metrics
from logging_pipeline.journey.transform import Decode, Transformed, transform
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.pipeline import Pipeline
from logging_pipeline.logstash_engine.running.filtered_out import FilteredOut
from logging_pipeline.logstash_engine.running.interfaces import Delivery, Sink

__all__ = ["Flow"]


class Flow:
    """
    Runs events through the filters and to the outputs that want them.

    Args:
        pipeline: compiled; it keeps state while it runs, so no two threads share one.
        sinks: in the order of the pipeline's outputs.
    """

    def __init__(self, pipeline: Pipeline, sinks: Sequence[Sink], filtered_out: FilteredOut) -> None:
        self.name = pipeline.name
        self._pipeline = pipeline
        self._sinks = sinks
        self._filtered_out = filtered_out
        self._taken = metrics.TAKEN.labels(pipeline.name)
        self._seconds = metrics.TRANSFORM_SECONDS.labels(pipeline.name)

    def process_delivery(self, delivery: Delivery, decode: Decode) -> None:
        """
        Decode and process the lines of *delivery*; return when every output has answered.

        Raises:
            StoreUnavailable: told to stop, or an output is gone for good; nothing may be acknowledged.
        """
        self._taken.inc(len(delivery.lines))
        started = time.perf_counter()
        transformed = transform(delivery.lines, decode=decode, filters=self._filter)
        self._seconds.inc(time.perf_counter() - started)
        if transformed.failed:
            metrics.TRANSFORM_FAILURES.labels(self.name).inc(transformed.failed)
        self._hand_on(transformed, redelivered=delivery.redelivered)

    def process(self, events: list[Event], *, redelivered: bool) -> None:
        """The same for events that come from another pipeline."""
        self._hand_on(self._filter(events), redelivered=redelivered)

    def close(self) -> None:
        """Let go of the outputs."""
        for sink in self._sinks:
            sink.close()

    def _filter(self, events: list[Event]) -> Transformed:
        filtered = self._pipeline.filter(events)
        dropped = [(lost.event, f"{lost.reason} ({lost.place.file}:{lost.place.line})") for lost in filtered.dropped]
        return Transformed(filtered.events, dropped)

    def _hand_on(self, transformed: Transformed, *, redelivered: bool) -> None:
        dropped = list(transformed.dropped)
        routed: list[list[Event]] = [[] for _ in self._sinks]
        for event in transformed.events:
            outputs = self._pipeline.route(event)
            for index in outputs:
                routed[index].append(event)
            if not outputs:
                dropped.append((event, "no output wants it"))
        for sink, events in zip(self._sinks, routed, strict=True):
            if events:
                sink.write(events, redelivered=redelivered)
        if dropped:
            self._filtered_out.account_for(dropped)
