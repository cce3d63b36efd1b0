"""What a running input gives and a running output takes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.settings import Settings

__all__ = ["Delivery", "Runtime", "Sink", "Source"]


def _nothing() -> None:
    """For inputs that cannot be acknowledged."""


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """
    Lines from an input.

    Args:
        lines: raw, one event each as a rule.
        acknowledge: every output has answered for them: they may be forgotten.
        extend: they are still being worked on.
        give_back: they will not be worked on here; let somebody else have them at once.
    """

    lines: list[bytes]
    acknowledge: Callable[[], object] = _nothing
    extend: Callable[[], object] = _nothing
    give_back: Callable[[], object] = _nothing


class Source(Protocol):
    """A running input. Several workers may poll it."""

    def poll(self) -> Delivery | None:
        """What is there now; None when there is nothing. Does not wait."""

    def decode(self, line: bytes) -> list[Event]:
        """The events in *line*, by the input's codec and its common options; never raises."""

    def close(self) -> None:
        """Take no more."""


class Sink(Protocol):
    """A running output, of one worker."""

    def write(self, events: list[Event]) -> None:
        """
        Answer for *events*; return when each is where it belongs.

        Raises:
            StoreUnavailable: told to stop, or the other end is gone for good; nothing may be acknowledged.
        """

    def close(self) -> None:
        """Let go of connections."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What plugins share while they run: the settings, and the event that tells them to stop waiting."""

    settings: Settings
    stop: threading.Event
    pipeline: str
