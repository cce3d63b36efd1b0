"""From when to when: relative (``now-15m``) or absolute (ISO 8601), as a URL carries it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from logging_pipeline.console.problems import BadParameter

__all__ = ["RELATIVE", "TimeRange", "iso"]

# What the picker offers: text in the URL, short label, words.
RELATIVE: tuple[tuple[str, str, str], ...] = (
    ("now-5m", "5 min", "last 5 minutes"),
    ("now-15m", "15 min", "last 15 minutes"),
    ("now-1h", "1 h", "last hour"),
    ("now-4h", "4 h", "last 4 hours"),
    ("now-24h", "24 h", "last 24 hours"),
    ("now-7d", "7 d", "last 7 days"),
)

_RELATIVE = re.compile(r"now(?:-([0-9]{1,6})([smhdw]))?")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_OLDEST = datetime(1970, 1, 1, tzinfo=UTC)
_NEWEST = datetime(2262, 1, 1, tzinfo=UTC)  # Elasticsearch's date_nanos ends in that year
_HOW = "Write now, now-15m (s, m, h, d, w), or a time like 2026-03-01T12:30 or 2026-03-01T12:30:00Z"


@dataclass(frozen=True, slots=True)
class TimeRange:
    """
    *start* belongs to the range, *end* does not; both in UTC.

    *start_text* and *end_text* are what the URL says: a relative range stays relative when the link is kept.
    """

    start_text: str
    end_text: str
    start: datetime
    end: datetime

    @classmethod
    def parse(cls, start_text: str, end_text: str, *, now: datetime, zone: tzinfo) -> TimeRange:
        """
        Read the parameters ``from`` and ``to``; times without an offset are in *zone*.

        Raises:
            BadParameter: not a time, out of what the index can hold, or the end is not after the start.
        """
        start, end = _moment("from", start_text, now, zone), _moment("to", end_text, now, zone)
        if start >= end:
            raise BadParameter("to", f"{end_text!r} is not after {start_text!r}", "Swap them, or choose a later end")
        return cls(start_text, end_text, start, end)

    @classmethod
    def reaching(cls, moment: datetime, *, now: datetime) -> TimeRange:
        """The shortest range of the picker that holds *moment* and some time before it; absolute when none does."""
        for text, _label, _words in RELATIVE:
            found = cls.parse(text, "now", now=now, zone=UTC)
            if found.start + (now - found.start) / 10 <= moment < now:
                return found
        start, end = moment - timedelta(hours=1), moment + timedelta(hours=1)
        return cls(iso(start), iso(end), start, end)

    @property
    def words(self) -> str:
        """``last 15 minutes`` for the ranges of the picker, else empty."""
        found = (words for text, _label, words in RELATIVE if text == self.start_text)
        return next(found, "") if self.end_text == "now" else ""

    @property
    def frozen(self) -> TimeRange:
        """The same moments, absolute: what the pages of one result share."""
        return TimeRange(iso(self.start), iso(self.end), self.start, self.end)


def iso(moment: datetime) -> str:
    """*moment* for a URL or a query, in UTC and to the microsecond."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _moment(parameter: str, text: str, now: datetime, zone: tzinfo) -> datetime:
    relative = _RELATIVE.fullmatch(text)
    try:
        if relative:
            count, unit = relative.groups()
            moment = now - timedelta(**{_UNITS[unit]: int(count)}) if unit else now
        else:
            moment = datetime.fromisoformat(text)
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadParameter(parameter, f"{text[:60]!r} is not a time", _HOW) from None
    if not _OLDEST <= moment <= _NEWEST:
        raise BadParameter(parameter, f"{text[:60]!r} is not between 1970 and 2262", _HOW)
    return moment
