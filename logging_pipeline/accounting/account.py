"""What became of the events of one producer and category, number by number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from logging_pipeline import ranges
from logging_pipeline.ranges import Ranges

__all__ = ["Account", "Key"]

Key = tuple[str, str]
"""A producer's ``agent.ephemeral_id`` and a category."""


@dataclass
class Account:
    """
    One producer's events of one category.

    Every number from 1 to `numbered` is in exactly one of the counts: where one was seen twice on its way (indexed, and
    still acknowledged by nobody), the place furthest down the journey counts.

    Args:
        numbered: the last number known to be given.
        tail_known: whether `numbered` is the last indeed: by the ledger's final entry or the high-water file.
        alive: whether the producer still runs on this machine.
        duplicates: numbers that are indexed more than once.
        forged: numbers under which another event came as well; that one is a dead letter.
    """

    numbered: int = 0
    tail_known: bool = False
    alive: bool = False
    indexed: Ranges = field(default_factory=list)
    discarded: Ranges = field(default_factory=list)
    dead_lettered: Ranges = field(default_factory=list)
    dropped: dict[str, Ranges] = field(default_factory=dict)
    in_flight: Ranges = field(default_factory=list)
    duplicates: Ranges = field(default_factory=list)
    forged: Ranges = field(default_factory=list)

    @property
    def missing(self) -> Ranges:
        """Numbers given that are nowhere."""
        seen = ranges.merge(self.indexed, self.discarded, self.dead_lettered, self.in_flight, *self.dropped.values())
        return ranges.subtract([(1, self.numbered)] if self.numbered else [], seen)

    @property
    def in_memory(self) -> Ranges:
        """What a producer that runs has not handed over yet: the numbers above all that was seen of it."""
        if not self.alive:
            return []
        seen = ranges.merge(self.indexed, self.discarded, self.dead_lettered, self.in_flight)
        return ranges.intersect(self.missing, [((seen[-1][1] if seen else 0) + 1, self.numbered)])

    @property
    def lost(self) -> Ranges:
        """Numbers given that are nowhere, and that nobody holds."""
        return ranges.subtract(self.missing, self.in_memory)

    @property
    def unknown(self) -> bool:
        """Whether more may have been numbered than anything tells: the producer is gone and so is its file."""
        return not self.tail_known and not self.alive

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing doubled, nothing forged, nothing unknown."""
        return not (self.lost or self.duplicates or self.forged or self.unknown)

    def counts(self) -> dict[str, Any]:
        """The row of the table: counts that add up to ``numbered``, then what else is to be said."""
        rest = [(1, self.numbered)] if self.numbered else []
        row: dict[str, Any] = {"numbered": self.numbered}
        for name, part in (
            ("indexed", self.indexed),
            ("discarded", self.discarded),
            ("dead_lettered", self.dead_lettered),
            *((f"dropped({reason})", part) for reason, part in sorted(self.dropped.items())),
            ("in_flight", ranges.merge(self.in_flight, self.in_memory)),
        ):
            row[name] = ranges.size(ranges.intersect(rest, part))
            rest = ranges.subtract(rest, part)
        row["lost"] = ranges.size(rest)
        row["unknown"] = self.unknown
        row["duplicates"] = ranges.size(self.duplicates)
        row["forged"] = ranges.size(self.forged)
        row["lost_numbers"] = ranges.text(rest[:100])
        return row
