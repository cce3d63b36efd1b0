"""What this process logs through: put there once by `logging_pipeline.configure`, or for a while by a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from logging_pipeline.stderr import complain

__all__ = ["Entrance", "install", "installed", "pipeline", "replaced"]


class Entrance(Protocol):
    """What an event can be given to: a `Producer`, or what stands in for it in a test."""

    def emit(self, severity: int, logger: str, event: object, fields: Mapping[Any, Any]) -> None:
        """Take one event; never raises, never waits."""

    def close(self) -> None:
        """Hand over what was taken."""


class _Pipeline:
    """Takes an event for what is installed; its `emit` is that one's own, for each call in between costs the caller."""

    emit: Callable[[int, str, object, Mapping[Any, Any]], None]

    def __init__(self) -> None:
        self.entrance: Entrance | None = None
        self.emit = _unconfigured


def _unconfigured(_severity: int, logger: str, event: object, _fields: Mapping[Any, Any]) -> None:
    complain("unconfigured", f"{logger}: {event}")


pipeline = _Pipeline()


def install(entrance: Entrance | None) -> None:
    """Make *entrance* the one that this process logs through; the former is closed."""
    former = pipeline.entrance
    _put(entrance)
    if former is not None:
        former.close()


def installed() -> Entrance | None:
    """What this process logs through."""
    return pipeline.entrance


@contextmanager
def replaced(entrance: Entrance) -> Iterator[None]:
    """Inside the block this process logs through *entrance*; the one before stays open."""
    former = pipeline.entrance
    _put(entrance)
    try:
        yield
    finally:
        _put(former)


def _put(entrance: Entrance | None) -> None:
    pipeline.entrance = entrance
    pipeline.emit = _unconfigured if entrance is None else entrance.emit
