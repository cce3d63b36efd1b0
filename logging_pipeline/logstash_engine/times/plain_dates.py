"""
The short way for the dates that logs are full of: year, month, day, hour, minute, second, in UTC or with an offset of
zero.

Their text is put together from the texts of the fields, looked up in tables, without any arithmetic; everything else
takes the long way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, tzinfo
from operator import itemgetter

from logging_pipeline.logstash_engine.events.timestamp import Timestamp
from logging_pipeline.logstash_engine.times.names import ENGLISH

__all__ = ["PlainDates"]

_WANTED = ("y", "M", "d", "H", "m", "s")
_ZERO_OFFSETS = frozenset({"+0000", "+00:00", "-0000", "-00:00", "Z"})
_MOST_DAYS = 4096


def _padded(highest: int) -> dict[str, str]:
    """Every way to write the numbers up to *highest*, and the one with two digits."""
    return {text: f"{number:02d}" for number in range(highest + 1) for text in (str(number), f"{number:02d}")}


_HOURS, _SIXTY = _padded(23), _padded(59)
_MONTHS = {text: int(text) for text in _padded(12) if int(text)}
_MONTHS |= {name: number for number, name in enumerate(ENGLISH.short_months, 1)}


class PlainDates:
    """Reads the groups of a pattern that has those fields, once each, and at most a fraction and an offset besides."""

    def __init__(self, letters: list[str]) -> None:
        self._groups: Callable[[tuple[str, ...]], tuple[str, ...]] = itemgetter(*map(letters.index, _WANTED))
        self._offset = letters.index("Z") if "Z" in letters else None
        self._fraction = letters.index("S") if "S" in letters else None
        self._days: dict[tuple[str, str, str], str | None] = {}

    @classmethod
    def for_fields(cls, letters: list[str]) -> PlainDates | None:
        """A reader for a pattern with the fields *letters*, or None if it has others."""
        plain = set(_WANTED) <= set(letters) <= {*_WANTED, "Z", "S"} and len(set(letters)) == len(letters)
        return cls(letters) if plain else None

    def read(self, groups: tuple[str, ...], place: tzinfo) -> Timestamp | None:
        """The timestamp; None if it takes the long way to read, or is none."""
        if self._offset is None:
            if place is not UTC:
                return None
        elif groups[self._offset] not in _ZERO_OFFSETS:
            return None
        year, month, day, hour, minute, second = self._groups(groups)
        key = (year, month, day)
        written = self._days.get(key) or self._day(key)
        hours, minutes, seconds = _HOURS.get(hour), _SIXTY.get(minute), _SIXTY.get(second)
        if not (written and hours and minutes and seconds):
            return None
        fraction = "000" if self._fraction is None else groups[self._fraction][:3].ljust(3, "0")
        return Timestamp(f"{written}T{hours}:{minutes}:{seconds}.{fraction}Z")

    def _day(self, key: tuple[str, str, str]) -> str | None:
        year, month, day = key
        written: str | None = None
        if len(year) == 4 and year.isdigit() and month in _MONTHS:
            try:
                written = date(int(year), _MONTHS[month], int(day)).isoformat()
            except ValueError:
                return None
        if len(self._days) >= _MOST_DAYS:
            del self._days[next(iter(self._days))]
        self._days[key] = written
        return written
