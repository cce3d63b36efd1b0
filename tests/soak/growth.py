"""Memory and file handles of processes that run long, and whether they grow."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

__all__ = ["Growth", "Samples"]

PAGE_BYTES = 4096
WARM_UP_S = 20.0  # imports, pools and the first batches
LEAST_S = 40.0  # of life after that; a shorter one tells nothing about a slope
PARTS = 4
MOST_COMPARED = 200  # samples; all their pairs are 20,000

MEMORY_MB = 24.0
"""
The most that a process may grow in all the time that it was seen.

What an outage made it take is a step, which the slope leaves out; the rest is the noise of the allocator. A leak of
2 KB an event is 36 MB in a minute of the load, one of 50 bytes an event is 27 MB in half an hour.
"""

HANDLES = 8.0
"""The same for open files: a few connections more or less are the state of a pool; one for each fault is a leak."""


class Growth(NamedTuple):
    """By how much a process has grown over *seconds*, by the slope of its samples."""

    name: str
    pid: int
    seconds: float
    memory_mb: float
    memory_growth_mb: float
    handles: float
    handles_growth: float

    @property
    def is_flat(self) -> bool:
        """Whether it has grown no more than it may."""
        return self.memory_growth_mb <= MEMORY_MB and self.handles_growth <= HANDLES


@dataclass
class Samples:
    """What processes use, from time to time."""

    taken: dict[tuple[str, int], list[tuple[float, float, float]]] = field(default_factory=lambda: defaultdict(list))

    def take(self, at: float, processes: Mapping[str, int]) -> None:
        """Note memory (MB) and open files of *processes*, name → pid; one that is gone is left out."""
        for name, pid in processes.items():
            folder = Path(f"/proc/{pid}")
            try:
                pages = int((folder / "statm").read_text().split()[1])
                handles = sum(1 for _ in (folder / "fd").iterdir())
            except (FileNotFoundError, ProcessLookupError):
                continue
            self.taken[name, pid].append((at, pages * PAGE_BYTES / 1e6, handles))

    def growth(self) -> list[Growth]:
        """Of each process that was seen long enough after its warm-up."""
        found = []
        for (name, pid), samples in self.taken.items():
            warm = [sample for sample in samples if sample[0] - samples[0][0] >= WARM_UP_S]
            if warm and (seconds := warm[-1][0] - warm[0][0]) >= LEAST_S:
                times, memory, handles = zip(*warm, strict=True)
                found.append(
                    Growth(
                        name, pid, seconds,
                        memory[-1], slope(times, memory) * seconds,
                        handles[-1], slope(times, handles) * seconds,
                    )
                )  # fmt: skip
        return found


def slope(times: Sequence[float], values: Sequence[float]) -> float:
    """
    The median of the slopes of four parts; of each part the median of the slopes between all pairs (Theil and Sen).

    A step, of however much, is in one part and moves nothing; steady growth is in all of them.
    """
    points = list(zip(times, values, strict=True))
    size = max(2, len(points) // PARTS)
    return statistics.median(_slope(points[at : at + size]) for at in range(0, len(points) - size + 1, size))


def _slope(points: Sequence[tuple[float, float]]) -> float:
    compared = points[:: max(1, len(points) // MOST_COMPARED)]
    return statistics.median((y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(compared, 2))
