"""
Writes an instant after one of java.time's patterns: ``%{{yyyy-MM-dd'T'HH:mm:ss.SSSSSS}}``. Always UTC and English.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from logging_pipeline.logstash_engine.events.timestamp import Timestamp
from logging_pipeline.logstash_engine.times.names import ENGLISH

__all__ = ["java_formatter"]

_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|([^A-Za-z'{}#\[\]]+)|([\[\]])")

_Write = Callable[[datetime, int], str]


@lru_cache(maxsize=256)
def java_formatter(pattern: str) -> Callable[[Timestamp], str]:
    """
    A function that writes a timestamp after *pattern*.

    Raises:
        ValueError: a letter that means nothing or is repeated too often, a reserved character, or a quote without its
            other.
    """
    writers: list[_Write] = []
    position = 0
    while position < len(pattern):
        match = _TOKEN.match(pattern, position)
        if match is None:
            raise ValueError(f"the date pattern {pattern!r} cannot have {pattern[position]!r}")
        if match[2]:
            writers.append(_letter(match[2], len(match[0]), pattern))
        elif match[1] is not None or match[3]:
            writers.append(_literal(match[1].replace("''", "'") or "'" if match[1] is not None else match[3]))
        position = match.end()

    def write(timestamp: Timestamp) -> str:
        moment, nanoseconds = timestamp.moment, timestamp.nanoseconds
        return "".join([writer(moment, nanoseconds) for writer in writers])

    return write


def _literal(text: str) -> _Write:
    return lambda _moment, _nanoseconds: text


def _letter(letter: str, count: int, pattern: str) -> _Write:
    make, most = _LETTERS.get(letter, (None, 0))
    if make is None or count > most:
        raise ValueError(f"the date pattern {pattern!r} has {letter * count!r}, which means nothing")
    return make(count)


def _number(value: Callable[[datetime, int], int]) -> Callable[[int], _Write]:
    return lambda count: lambda moment, nanoseconds: str(value(moment, nanoseconds)).zfill(count)


def _year(value: Callable[[datetime], int]) -> Callable[[int], _Write]:
    def make(count: int) -> _Write:
        if count == 2:
            return lambda moment, _nanoseconds: f"{value(moment) % 100:02d}"
        return lambda moment, _nanoseconds: str(value(moment)).zfill(count)

    return make


def _text(
    number: Callable[[datetime], int], short: Callable[[datetime], str], full: Callable[[datetime], str]
) -> Callable[[int], _Write]:
    """One or two letters: a number; three: short; four: in full; five: the first letter."""

    def make(count: int) -> _Write:
        if count <= 2:
            return lambda moment, _nanoseconds: str(number(moment)).zfill(count)
        if count == 3:
            return lambda moment, _nanoseconds: short(moment)
        if count == 4:
            return lambda moment, _nanoseconds: full(moment)
        return lambda moment, _nanoseconds: full(moment)[0]

    return make


def _day_name(count: int) -> _Write:
    return _text(_sunday_first, _short_day, _full_day)(max(count, 3))


def _sunday_first(moment: datetime) -> int:
    return moment.isoweekday() % 7 + 1


def _short_day(moment: datetime) -> str:
    return ENGLISH.short_days[moment.weekday()]


def _full_day(moment: datetime) -> str:
    return ENGLISH.days[moment.weekday()]


def _short_month(moment: datetime) -> str:
    return ENGLISH.short_months[moment.month - 1]


def _full_month(moment: datetime) -> str:
    return ENGLISH.months[moment.month - 1]


def _quarter(moment: datetime) -> int:
    return (moment.month + 2) // 3


def _quarter_name(moment: datetime) -> str:
    return f"{('1st', '2nd', '3rd', '4th')[_quarter(moment) - 1]} quarter"


def _us_week(moment: datetime) -> int:
    """The week as the United States count: from Sunday, the first is the one with 1 January."""
    first = _sunday_first(moment.replace(month=1, day=1)) - 1
    week = (moment.timetuple().tm_yday - 1 + first) // 7 + 1
    next_year = moment.replace(year=moment.year + 1, month=1, day=1) if moment.year < 9999 else None
    if next_year is not None and (next_year.date() - moment.date()).days < _sunday_first(next_year):
        return 1
    return week


def _us_week_year(moment: datetime) -> int:
    return moment.year + 1 if _us_week(moment) == 1 and moment.month == 12 else moment.year


def _month_week(moment: datetime) -> int:
    return (moment.day - 1 + _sunday_first(moment.replace(day=1)) - 1) // 7 + 1


def _fraction(count: int) -> _Write:
    return lambda _moment, nanoseconds: f"{nanoseconds:09d}"[:count]


def _constant(*texts: str) -> Callable[[int], _Write]:
    """The text for one letter, two letters and so on."""
    return lambda count: lambda _moment, _nanoseconds: texts[count - 1]


def _day_nanoseconds(moment: datetime, nanoseconds: int) -> int:
    return (moment.hour * 3600 + moment.minute * 60 + moment.second) * 1_000_000_000 + nanoseconds


def _day_period(moment: datetime) -> str:
    if moment.minute == 0 and moment.hour in (0, 12):
        return "noon" if moment.hour else "midnight"
    return next(words for hour, words in _DAY_PERIODS if moment.hour < hour)


_DAY_PERIODS = (
    (6, "at night"),
    (12, "in the morning"),
    (18, "in the afternoon"),
    (21, "in the evening"),
    (24, "at night"),
)
_era = _constant("AD", "AD", "AD", "Anno Domini", "A")
_FIRST_MODIFIED_JULIAN_DAY = 678576  # 1858-11-17, as Python counts days
_LETTERS: dict[str, tuple[Callable[[int], _Write], int]] = {
    "G": (_era, 5),
    "u": (_year(lambda moment: moment.year), 15),
    "y": (_year(lambda moment: moment.year), 15),
    "Y": (_year(_us_week_year), 15),
    "D": (_number(lambda moment, _n: moment.timetuple().tm_yday), 3),
    "M": (_text(lambda moment: moment.month, _short_month, _full_month), 5),
    "L": (_text(lambda moment: moment.month, _short_month, _full_month), 5),
    "d": (_number(lambda moment, _n: moment.day), 2),
    "g": (_number(lambda moment, _n: moment.toordinal() - _FIRST_MODIFIED_JULIAN_DAY), 19),
    "Q": (_text(_quarter, lambda moment: f"Q{_quarter(moment)}", _quarter_name), 5),
    "q": (_text(_quarter, lambda moment: f"Q{_quarter(moment)}", _quarter_name), 5),
    "w": (_number(lambda moment, _n: _us_week(moment)), 2),
    "W": (_number(lambda moment, _n: _month_week(moment)), 1),
    "E": (_day_name, 5),
    "e": (_text(_sunday_first, _short_day, _full_day), 5),
    "c": (_text(_sunday_first, _short_day, _full_day), 5),
    "F": (_number(lambda moment, _n: (moment.day - 1) % 7 + 1), 1),
    "B": (lambda _count: lambda moment, _n: _day_period(moment), 5),
    "a": (lambda _count: lambda moment, _n: ENGLISH.halves[moment.hour // 12], 1),
    "h": (_number(lambda moment, _n: moment.hour % 12 or 12), 2),
    "K": (_number(lambda moment, _n: moment.hour % 12), 2),
    "k": (_number(lambda moment, _n: moment.hour or 24), 2),
    "H": (_number(lambda moment, _n: moment.hour), 2),
    "m": (_number(lambda moment, _n: moment.minute), 2),
    "s": (_number(lambda moment, _n: moment.second), 2),
    "S": (_fraction, 9),
    "A": (_number(lambda moment, n: _day_nanoseconds(moment, n) // 1_000_000), 19),
    "n": (_number(lambda _moment, n: n), 19),
    "N": (_number(_day_nanoseconds), 19),
    "V": (lambda count: _constant("", "Z")(count), 2),
    "z": (_constant("Z", "Z", "Z", "Z"), 4),
    "O": (_constant("GMT", "", "", "GMT"), 4),
    "X": (_constant("Z", "Z", "Z", "Z", "Z"), 5),
    "x": (_constant("+00", "+0000", "+00:00", "+0000", "+00:00"), 5),
    "Z": (_constant("+0000", "+0000", "+0000", "GMT", "Z"), 5),
}
