"""
A fixture for the tests of any project that logs through the pipeline::

    def test_placing_an_order_is_logged(logged_events):
        place_order(cart)
        assert logged_events.one("order.placed")["shop.order.total_cents"] == 1999

The events have passed stages 1 to 6: they are what would be shipped, masked and in the contract's fields.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import orjson
import pytest

from logging_pipeline import entrance
from logging_pipeline.composition import configure
from logging_pipeline.contract import contract
from logging_pipeline.contract.field_values import timestamp
from logging_pipeline.contract.plain import frozen, frozen_fields
from logging_pipeline.journey.bind import bound
from logging_pipeline.journey.classify import classify
from logging_pipeline.journey.collect import Collected
from logging_pipeline.journey.enforce import Origin
from logging_pipeline.lines import Lines
from logging_pipeline.settings import configured

__all__ = ["LoggedEvent", "LoggedEvents", "logged_events"]


class LoggedEvent(dict[str, Any]):
    """One event: its fields by dotted name; `document` is nested as it would be stored."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(_dotted(document))
        self.document = document

    @property
    def name(self) -> str:
        """The event's name, or its line of text."""
        return str(self.get("event.action", self["message"]))

    def __repr__(self) -> str:
        return f"<{self['log.level']} {self.name} { ({k: v for k, v in self.items() if not k.startswith(_SAME)}) }>"


_SAME = ("@timestamp", "agent.", "ecs.", "host.", "process.", "service.", "data_stream.", "event.", "log.")


class LoggedEvents(list[LoggedEvent]):
    """Every event since the test began, oldest first."""

    def __init__(self) -> None:
        super().__init__()
        settings = configured()
        self._lines = Lines(settings, Origin("0" * 32, settings.app, settings.namespace, {}))
        self._numbers = count(1)

    def named(self, name: str) -> list[LoggedEvent]:
        """The events of that name."""
        return [event for event in self if event.name == name]

    def one(self, name: str) -> LoggedEvent:
        """The only event of that name; fails the test when there is none, or more."""
        found = self.named(name)
        if len(found) != 1:
            others = ", ".join(sorted({event.name for event in self})) or "nothing"
            pytest.fail(f"{len(found)} events are named {name!r}; logged was: {others}")
        return found[0]

    def emit(self, severity: int, logger: str, event: object, fields: Mapping[Any, Any]) -> None:
        """What the producer does, up to encoding, at once and in the calling thread."""
        current = contract()
        collected = Collected(
            classify(event, logger, current),
            next(self._numbers),
            time.time_ns(),
            severity,
            logger,
            frozen(event),
            frozen_fields(fields),
            bound(),
        )
        self._lines.follow(current)
        (line,) = self._lines.lines([collected], timestamp(collected.time_ns))
        self.append(LoggedEvent(orjson.loads(line)))

    def close(self) -> None:
        """Nothing waits here."""


@pytest.fixture
def logged_events() -> Iterator[LoggedEvents]:
    """The events that the code under test logs, instead of shipping them."""
    if entrance.installed() is None:
        configure()
    events = LoggedEvents()
    with entrance.replaced(events):
        yield events


def _dotted(document: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in document.items():
        if isinstance(value, Mapping):
            flat.update(_dotted(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = value
    return flat
