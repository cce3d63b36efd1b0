"""One filter at work on a batch: runs it on every event, counts, and keeps an event that a plugin stumbles over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter_ns as clock
from typing import Protocol

from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.language.syntax import Place
from logging_pipeline.logstash_engine.plugin import Apply, Multiply

__all__ = ["FILTER_ERROR", "Lost", "PluginMetrics", "Step", "drop_step", "edit_step", "multiply_step"]

FILTER_ERROR = "_filter_error"  # where a plugin of Logstash's would stop the pipeline, the event is tagged and goes on

Step = Callable[[list[Event]], list[Event]]


class Lost(Protocol):
    """Told of every event that vanishes."""

    def __call__(self, event: Event, reason: str, place: Place) -> None: ...


@dataclass(slots=True)
class PluginMetrics:
    """What a plugin has done so far; *duration_ns* is the time spent in it."""

    id: str
    name: str
    place: Place
    events_in: int = 0
    events_out: int = 0
    failures: int = 0
    duration_ns: int = 0
    last_error: str = field(default="", repr=False)


def edit_step(apply: Apply, matched: Callable[[Event], None] | None, metrics: PluginMetrics) -> Step:
    """A step for a filter that changes events in place; *matched* runs its common options."""

    def run(events: list[Event]) -> list[Event]:
        began = clock()
        failures = 0
        for event in events:
            try:
                outcome = apply(event)
                if outcome is None:
                    failures += 1
                elif outcome and matched is not None:
                    matched(event)
            except Exception as error:  # noqa: BLE001 - whatever a plugin stumbles over, the event goes on
                failures += 1
                _stumbled(event, error, metrics)
        count = len(events)
        metrics.events_in += count
        metrics.events_out += count
        metrics.failures += failures
        metrics.duration_ns += clock() - began
        return events

    return run


def multiply_step(apply: Multiply, metrics: PluginMetrics, lost: Lost, reason: str) -> Step:
    """A step for a filter that makes several events of one, or none, which is then lost for *reason*."""

    def run(events: list[Event]) -> list[Event]:
        began = clock()
        results: list[Event] = []
        for event in events:
            try:
                made = apply(event)
            except Exception as error:  # noqa: BLE001 - whatever a plugin stumbles over, the event goes on
                metrics.failures += 1
                _stumbled(event, error, metrics)
                made = None
            if made is None:
                results.append(event)
            elif made:
                results += made
            else:
                lost(event, reason, metrics.place)
        metrics.events_in += len(events)
        metrics.events_out += len(results)
        metrics.duration_ns += clock() - began
        return results

    return run


def drop_step(drops: Callable[[Event], bool], metrics: PluginMetrics, lost: Lost) -> Step:
    """A step for a filter that lets events vanish."""

    def run(events: list[Event]) -> list[Event]:
        began = clock()
        kept: list[Event] = []
        for event in events:
            if drops(event):
                lost(event, "drop", metrics.place)
            else:
                kept.append(event)
        metrics.events_in += len(events)
        metrics.events_out += len(kept)
        metrics.duration_ns += clock() - began
        return kept

    return run


def _stumbled(event: Event, error: Exception, metrics: PluginMetrics) -> None:
    tag(event, FILTER_ERROR)
    metrics.last_error = f"{type(error).__name__}: {error}"
