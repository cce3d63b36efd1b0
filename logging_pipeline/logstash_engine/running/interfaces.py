"""What a running input gives and a running output takes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.language.syntax import Place
from logging_pipeline.logstash_engine.pipeline import PluginSpec
from logging_pipeline.settings import Settings

__all__ = ["Delivery", "Line", "Nothing", "PluginSpec", "Process", "Runtime", "Sink", "Source"]


def _nothing() -> None:
    """For inputs that cannot be acknowledged."""


class Line(bytes):
    """
    What arrived, with what its input knows beside.

    Attributes:
        complete: puts that into an event that was made of it.
    """

    complete: Callable[[Event], object]

    @classmethod
    def of(cls, data: bytes, complete: Callable[[Event], object]) -> Line:
        """*data*, to be completed so."""
        line = cls(data)
        line.complete = complete
        return line


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """
    Lines from an input.

    Args:
        lines: raw, one event each as a rule.
        redelivered: some of them were delivered before, and may have been written then.
        acknowledge: every output has answered for them: they may be forgotten.
        extend: they are still being worked on.
        give_back: they will not be worked on here; let somebody else have them at once.
    """

    lines: list[bytes]
    acknowledge: Callable[[], object] = _nothing
    extend: Callable[[], object] = _nothing
    give_back: Callable[[], object] = _nothing
    redelivered: bool = False


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

    def write(self, events: list[Event], *, redelivered: bool) -> None:
        """
        Answer for *events*; return when each is where it belongs.

        Args:
            redelivered: some of them may have been written before.

        Raises:
            StoreUnavailable: told to stop, or the other end is gone for good; nothing may be acknowledged.
        """

    def close(self) -> None:
        """Let go of connections."""


class Nothing:
    """An input to which nothing comes."""

    def poll(self) -> None:
        """Nothing."""

    def decode(self, line: bytes) -> list[Event]:
        """Never called."""
        return [{"message": line.decode("utf-8", "replace")}]

    def close(self) -> None:
        """There is nothing to close."""


class Process(Protocol):
    """A pipeline's filters and outputs."""

    def __call__(self, events: list[Event], *, redelivered: bool) -> None:
        """Run *events* through them; return when every output has answered."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """
    What plugins share while they run.

    Args:
        stop: when set, waiting ends.
        downstream: the pipeline whose input has an address, as this worker's own copy; the place is for the error.
    """

    settings: Settings
    stop: threading.Event
    downstream: Callable[[str, Place], Process]
