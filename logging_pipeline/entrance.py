"""What this process logs through: put there once by `logging_pipeline.configure`, or for a while by a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from logging_pipeline.stderr import complain

__all__ = ["Entrance", "emit", "install", "installed", "replaced"]


class Entrance(Protocol):
    """What an event can be given to: a `Producer`, or what stands in for it in a test."""

    def emit(self, severity: int, logger: str, event: object, fields: Mapping[Any, Any]) -> None:
        """Take one event; never raises, never waits."""

    def close(self) -> None:
        """Hand over what was taken."""


_installed: Entrance | None = None


def install(entrance: Entrance | None) -> None:
    """Make *entrance* the one that this process logs through; the former is closed."""
    global _installed
    former, _installed = _installed, entrance
    if former is not None:
        former.close()


def installed() -> Entrance | None:
    """What this process logs through."""
    return _installed


@contextmanager
def replaced(entrance: Entrance) -> Iterator[None]:
    """Inside the block this process logs through *entrance*; the one before stays open."""
    global _installed
    former, _installed = _installed, entrance
    try:
        yield
    finally:
        _installed = former


def emit(severity: int, logger: str, event: object, fields: Mapping[Any, Any]) -> None:
    """Log one event through what is installed; with nothing there it goes to standard error."""
    entrance = _installed
    if entrance is None:
        complain("unconfigured", f"{logger}: {event}")
    else:
        entrance.emit(severity, logger, event, fields)
