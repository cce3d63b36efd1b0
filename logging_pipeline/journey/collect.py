"""
Stage 3 of 12: copy what may change, number the event, append it to the bounded buffer.

Runs in the caller, so it does nothing that can wait: no formatting, no encoding, no lock that another thread holds for
longer than an append. A full buffer evicts the lowest severity first and says so in `Buffer.take_drops`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from logging_pipeline.contract.plain import MAX_TEXT_CHARS, frozen, frozen_fields
from logging_pipeline.high_water import HighWater

__all__ = ["Buffer", "Collected"]

BANDS = 6  # severities 0, 10, …, 50


class Collected(NamedTuple):
    """One event as the caller left it; everything in it is immutable or a copy."""

    category: str
    sequence: int
    time_ns: int
    severity: int
    logger: str
    event: object
    fields: dict[Any, Any]
    context: Mapping[str, Any]


@dataclass
class _Dropped:
    """Numbers that were evicted, with their severities."""

    sequences: list[int] = field(default_factory=list)
    severities: set[int] = field(default_factory=set)


class Buffer:
    """
    Numbers events per category and holds them until the flusher takes them.

    Args:
        capacity: events; above it the lowest severity goes first, the oldest of it.
        high_water: gives the numbers of each category, and keeps the last where ``kill -9`` does not reach.
        wake: called when *wake_at* events are waiting.
    """

    def __init__(
        self, capacity: int, high_water: HighWater, *, wake: Callable[[], None] = lambda: None, wake_at: int = 500
    ) -> None:
        # Re-entrant: a signal handler or a finaliser may log while this very thread appends.
        self.lock = threading.RLock()
        self._capacity = capacity
        self.number = high_water.next  # the next one of a category, for whoever holds `lock`
        self._wake = wake
        self._wake_at = wake_at
        # Of what makes a `Collected`: plain tuples are faster to make, and give the garbage collector less to do.
        self._bands: list[deque[tuple[Any, ...]]] = [deque() for _ in range(BANDS)]
        self._size = 0
        self._dropped: dict[str, _Dropped] = {}

    def __len__(self) -> int:
        return self._size

    def collect(
        self,
        category: str,
        severity: int,
        logger: str,
        event: object,
        fields: Mapping[Any, Any],
        context: Mapping[str, Any],
        time_ns: int,
    ) -> None:
        """
        Number one event and keep it, or evict one of lower severity, or count this one as dropped; never waits.

        Args:
            category: what `classify` said.
            severity: 10 debug to 50 critical.
            fields: keyword arguments of the call, of any kind.
            context: what `bind` joined.
            time_ns: the call's time, nanoseconds since the epoch.
        """
        if type(event) is not str or len(event) > MAX_TEXT_CHARS:
            event = frozen(event)
        fields = frozen_fields(fields)
        with self.lock:
            sequence = self.number(category)
            if self._size >= self._capacity and not self._evict(severity):
                self._drop(category, sequence, severity)
                return
            band = severity // 10 if 0 <= severity <= 50 else _band(severity)
            self._bands[band].append((category, sequence, time_ns, severity, logger, event, fields, context))
            self._size += 1
            if self._size == self._wake_at:
                self._wake()

    def drain(self) -> Iterator[Collected]:
        """Everything that waits, in order of time; the buffer is empty at once."""
        with self.lock:
            bands, self._bands = self._bands, [deque() for _ in range(BANDS)]
            self._size = 0
        events = [event for band in bands for event in band]
        events.sort(key=_by_time)
        return map(_collected, events)

    def take_drops(self) -> dict[str, tuple[list[int], int]]:
        """Numbers evicted since the last call, by category, with the highest severity among them."""
        with self.lock:
            dropped, self._dropped = self._dropped, {}
        return {category: (sorted(d.sequences), max(d.severities)) for category, d in dropped.items()}

    def _evict(self, severity: int) -> bool:
        for band in self._bands[: _band(severity)]:
            if band:
                victim = _collected(band.popleft())
                self._size -= 1
                self._drop(victim.category, victim.sequence, victim.severity)
                return True
        return False

    def _drop(self, category: str, sequence: int, severity: int) -> None:
        dropped = self._dropped.get(category)
        if dropped is None:
            dropped = self._dropped.setdefault(category, _Dropped())
        dropped.sequences.append(sequence)
        dropped.severities.add(severity)


def _band(severity: int) -> int:
    return min(max(severity // 10, 0), BANDS - 1)


_collected: Callable[[tuple[Any, ...]], Collected] = partial(tuple.__new__, Collected)  # as `Collected(…)`, but faster
_by_time = itemgetter(Collected._fields.index("time_ns"))
