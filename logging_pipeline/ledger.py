"""
What became of a producer's events, as cumulative totals: the next entry heals a lost one.

An entry is made for each category when its totals changed, and for each category and reason when something was dropped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from logging_pipeline import ranges

__all__ = ["Ledger"]

NEVER_LEFT = ("buffer_full", "storm", "sampled")
"""Reasons for which an event was numbered and never came out of the buffer."""

MAX_RANGES = 2_000  # in one entry; 32 KB of text


@dataclass
class _Totals:
    numbered: int = 0
    shipped: int = 0
    spooled: int = 0
    dropped: dict[str, ranges.Ranges] = field(default_factory=dict)
    changed: bool = False
    final: bool = False

    @property
    def dropped_count(self) -> int:
        return sum(map(ranges.size, self.dropped.values()))


class Ledger:
    """The totals of one producer; only its flusher thread writes them."""

    def __init__(self) -> None:
        self._totals: dict[str, _Totals] = defaultdict(_Totals)

    @property
    def settled(self) -> bool:
        """Whether every event is with the broker, on disk or in an entry that is: nothing depends on this process."""
        if self._totals["ledger"].dropped_count:  # an entry that did not get out tells nobody anything
            return False
        return all(
            t.numbered == 0 or t.shipped + t.spooled + t.dropped_count >= t.numbered for t in self._totals.values()
        )

    def numbered(self, category: str, count: int) -> None:
        """*count* events of *category* left the buffer."""
        self._change(category).numbered += count

    def shipped(self, category: str, count: int) -> None:
        """*count* events of *category* are with the broker."""
        self._change(category).shipped += count

    def spooled(self, category: str, count: int) -> None:
        """*count* events of *category* are on disk."""
        self._change(category).spooled += count

    def dropped(self, category: str, numbers: list[int], reason: str) -> None:
        """The events *numbers* of *category* are gone on purpose, for *reason*."""
        totals = self._change(category)
        totals.dropped[reason] = ranges.merge(totals.dropped.get(reason, []), ranges.of(numbers))
        if reason in NEVER_LEFT:
            totals.numbered += len(numbers)

    def entries(self, *, final: bool) -> Iterator[tuple[str, dict[str, Any]]]:
        """Event name and fields of each entry that is due; with *final* of every category, marked so."""
        for category, totals in list(self._totals.items()):
            if category == "ledger" or not (totals.changed or (final and not totals.final)):
                continue
            totals.changed, totals.final = False, final
            yield (
                "ledger.totals",
                {
                    "ledger.category": category,
                    "ledger.numbered": totals.numbered,
                    "ledger.shipped": totals.shipped,
                    "ledger.spooled": totals.spooled,
                    "ledger.dropped": totals.dropped_count,
                    "ledger.final": final,
                },
            )
            for reason, spans in totals.dropped.items():
                for start in range(0, len(spans), MAX_RANGES):
                    yield (
                        "ledger.dropped",
                        {
                            "ledger.category": category,
                            "ledger.reason": reason,
                            "ledger.dropped": ranges.size(spans),
                            "ledger.ranges": ranges.text(spans[start : start + MAX_RANGES]),
                        },
                    )

    def _change(self, category: str) -> _Totals:
        totals = self._totals[category]
        totals.changed = True
        return totals
