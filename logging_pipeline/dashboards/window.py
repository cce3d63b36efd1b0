"""From when to when a panel looks, and how wide its buckets are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache

__all__ = ["Window", "length"]

MAX_BUCKETS = 60

_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000
_WIDTHS_MS: tuple[tuple[int, str], ...] = (
    *((n * _SECOND, f"{n} s") for n in (1, 2, 5, 10, 15, 30)),
    *((n * _MINUTE, f"{n} min") for n in (1, 2, 5, 10, 15, 30)),
    *((n * _HOUR, f"{n} h") for n in (1, 2, 4, 6, 12)),
    *((n * _DAY, f"{n} d") for n in (1, 2, 7, 14, 30, 90, 365)),
)
_WIDEST = (3_650 * _DAY, "10 years")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_RELATIVE = re.compile(r"now-([0-9]{1,6})([smhdw])")


@dataclass(frozen=True)
class Window:
    """*start* belongs to it, *end* does not; both with a zone. What follows from them is made once."""

    start: datetime
    end: datetime

    @classmethod
    def last(cls, text: str, now: datetime) -> Window:
        """
        The window ``now-24h`` until *now*.

        Raises:
            ValueError: *text* is nothing of that form.
        """
        return cls(now - length(text), now)

    @cached_property
    def bucket(self) -> tuple[int, str]:
        """How wide its buckets are: at most `MAX_BUCKETS` of a round width, in milliseconds and in words."""
        return self.width_for(MAX_BUCKETS)

    def width_for(self, parts: int) -> tuple[int, str]:
        """The smallest round width of which at most *parts* fill the window: milliseconds, and in words."""
        return _width(self.end - self.start, parts)

    @cached_property
    def starts_ms(self) -> range:
        """When each bucket begins, milliseconds since 1970; the first may begin before the window."""
        width = self.bucket[0]
        first, last = _ms(self.start) // width, (_ms(self.end - timedelta(microseconds=1))) // width
        return range(first * width, (last + 1) * width, width)

    @cached_property
    def cut(self) -> frozenset[int]:
        """Positions of the buckets that reach out of it and lack events: the first, the last, both or none."""
        starts = self.starts_ms
        whole = range(_ms(self.start), _ms(self.end) - starts.step + 1)
        return frozenset(n for n in (0, len(starts) - 1) if starts[n] not in whole)

    @cached_property
    def condition(self) -> dict[str, object]:
        """The window as Elasticsearch takes it."""
        start, end = self.iso
        return {"range": {"@timestamp": {"gte": start, "lt": end}}}

    @cached_property
    def iso(self) -> tuple[str, str]:
        """Its start and its end as Elasticsearch and an address take them."""
        return _iso(self.start), _iso(self.end)


def length(text: str) -> timedelta:
    """
    How long the window ``now-24h`` is.

    Raises:
        ValueError: *text* is nothing of that form.
    """
    found = _RELATIVE.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a range like now-24h")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


@lru_cache
def _width(span: timedelta, parts: int) -> tuple[int, str]:
    return next((w for w in _WIDTHS_MS if span / timedelta(milliseconds=w[0]) <= parts), _WIDEST)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
