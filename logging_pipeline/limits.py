"""
What is left out on purpose before it enters the buffer: storms of one event, and a share of successful requests.

Runs in the caller: a dictionary look-up and some arithmetic. What is left out is numbered all the same, so that the
ledger can name it and no hole stays in the numbers.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from logging_pipeline.journey.collect import Buffer

__all__ = ["SAMPLED", "STORM", "Limits", "Storm"]

STORM = "storm"
SAMPLED = "sampled"

NEVER_LIMITED = ("audit", "auth", "ledger", "http", "task")
"""Categories whose every event counts, or that have one event name for everything; `http` has sampling instead."""

MAX_NAMES = 1_000  # beyond it, events are told apart by their loggers: names that are made up as one goes have no end
NAME_MAX_CHARS = 64
SUMMARY_INTERVAL_S = 10.0


@dataclass(slots=True)
class _Bucket:
    """Tokens of one event name and level, and what was left out since the last summary."""

    category: str
    tokens: float
    at_ns: int
    left_out: int = 0
    first_ns: int = 0
    last_ns: int = 0


@dataclass(frozen=True, slots=True)
class Storm:
    """
    A summary: *count* events named *event* (or of a logger of that name) were left out between the two times.

    The count is exact; the times are nanoseconds since the epoch.
    """

    event: str
    severity: int
    category: str
    count: int
    first_ns: int
    last_ns: int


class Limits:
    """
    The limits of one producer.

    Args:
        storm_limit_per_s: events of one name and level that pass in a second, sustained; 0: no limit.
        storm_burst: how many pass at once before the limit holds.
        sample_http_ok: share of successful requests that is kept, whole traces at a time; 1: all.
    """

    def __init__(self, *, storm_limit_per_s: float, storm_burst: int, sample_http_ok: float) -> None:
        self._per_ns = storm_limit_per_s / 1e9
        self._burst = float(max(storm_burst, 1))
        self._kept_below = int(sample_http_ok * (1 << 32))
        self._samples = sample_http_ok < 1
        self.active = storm_limit_per_s > 0 or self._samples
        self._buckets: dict[tuple[int, str], _Bucket] = {}
        self._left_out: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._told_at = time.monotonic()

    def leave_out(
        self,
        buffer: Buffer,
        category: str,
        severity: int,
        logger: str,
        event: object,
        fields: Mapping[Any, Any],
        context: Mapping[str, Any],
        time_ns: int,
    ) -> bool:
        """Whether the event is not to be collected; then it has been numbered and counted."""
        if category == "http" and self._samples and severity <= 20 and self._unsampled(fields, context):
            with buffer.lock:
                self._left_out[category, SAMPLED].append(buffer.number(category))
            return True
        if not self._per_ns or category in NEVER_LIMITED:
            return False
        name = event if type(event) is str else logger
        bucket = self._buckets.get((severity, name)) or self._new_bucket(severity, name, logger, category, time_ns)
        # Threads may disturb each other here and let a few more pass; the counts below are made under the lock.
        tokens = min(self._burst, bucket.tokens + max(time_ns - bucket.at_ns, 0) * self._per_ns)
        bucket.at_ns = time_ns
        if tokens >= 1.0:
            bucket.tokens = tokens - 1.0
            return False
        bucket.tokens = tokens
        with buffer.lock:
            self._left_out[category, STORM].append(buffer.number(category))
            bucket.left_out += 1
            bucket.first_ns = bucket.first_ns or time_ns
            bucket.last_ns = time_ns
        return True

    def take_left_out(self, buffer: Buffer) -> dict[tuple[str, str], list[int]]:
        """Numbers left out since the last call, by category and reason."""
        with buffer.lock:
            taken, self._left_out = self._left_out, defaultdict(list)
        return taken

    def storms(self, buffer: Buffer, *, final: bool) -> Iterator[Storm]:
        """A summary of each event that was left out, every ten seconds; with *final* at once."""
        now = time.monotonic()
        if not final and now - self._told_at < SUMMARY_INTERVAL_S:
            return
        self._told_at = now
        for (severity, name), bucket in list(self._buckets.items()):
            if not bucket.left_out:
                continue
            with buffer.lock:
                storm = Storm(name, severity, bucket.category, bucket.left_out, bucket.first_ns, bucket.last_ns)
                bucket.left_out = bucket.first_ns = 0
            yield storm

    def _new_bucket(self, severity: int, name: str, logger: str, category: str, time_ns: int) -> _Bucket:
        if len(name) > NAME_MAX_CHARS or " " in name or len(self._buckets) >= MAX_NAMES:
            name = logger  # a line of text, which may be another each time
        return self._buckets.setdefault((severity, name), _Bucket(category, self._burst, time_ns))

    def _unsampled(self, fields: Mapping[Any, Any], context: Mapping[str, Any]) -> bool:
        """By the trace's own random digits: every process decides alike, and without one the request is kept."""
        status = fields.get("http.response.status_code")
        if type(status) is not int or not 200 <= status < 300:
            return False
        trace = context.get("trace.id")
        try:
            return int(str(trace)[-8:], 16) >= self._kept_below
        except ValueError:
            return False
