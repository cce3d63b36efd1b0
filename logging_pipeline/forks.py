"""Keeps whatever must stand still while a process is copied, and begin anew in the copy."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Protocol

__all__ = ["Forked", "watch"]


class Forked(Protocol):
    """What takes part in every fork of its process."""

    def before_fork(self) -> bool:
        """Stand still; what is returned is given to `after_fork_in_parent`."""

    def after_fork_in_parent(self, turn: bool) -> None:
        """Go on."""

    def after_fork_in_child(self) -> None:
        """Begin anew."""


def watch(forked: Forked) -> None:
    """Call *forked*'s hooks at every fork, as long as it lives."""
    _living.add(forked)


_living: weakref.WeakSet[Forked] = weakref.WeakSet()
_forking = threading.RLock()
_held: list[tuple[Forked, bool]] = []


def _before_fork() -> None:
    _forking.acquire()
    for forked in list(_living):
        _held.append((forked, forked.before_fork()))  # noqa: PERF401  # each as soon as it stands still


def _after_fork_in_parent() -> None:
    while _held:
        forked, turn = _held.pop()
        forked.after_fork_in_parent(turn)
    _forking.release()


def _after_fork_in_child() -> None:
    while _held:
        forked, _ = _held.pop()
        forked.after_fork_in_child()
    _forking.release()


os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
