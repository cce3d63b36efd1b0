"""
Reads dates after one of Joda's patterns, with Joda's leniency.

Numbers may have fewer digits than letters, names may be short or long, a weekday that disagrees moves the date within
its week, an offset in the text beats the zone of the option, and a year that the pattern lacks is guessed from today.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from typing import NamedTuple

from logging_pipeline.logstash_engine.events.timestamp import Timestamp, stand_in_year
from logging_pipeline.logstash_engine.times.joda_days import find_day
from logging_pipeline.logstash_engine.times.joda_tokens import Token, is_numeric, tokens
from logging_pipeline.logstash_engine.times.minutes import Minutes
from logging_pipeline.logstash_engine.times.names import Names
from logging_pipeline.logstash_engine.times.plain_dates import PlainDates
from logging_pipeline.logstash_engine.times.zones import instant, offset_zone, zone, zone_ids

__all__ = ["joda_parser"]

Parse = Callable[[str, tzinfo], Timestamp | None]

_OFFSET = r"[Zz]|[+-]\d\d(?::\d\d(?::\d\d)?|\d\d(?:\d\d)?)?"
_ZONE_NAMES = {
    **dict.fromkeys(("UT", "UTC", "GMT"), "UTC"),
    **dict.fromkeys(("EST", "EDT"), "America/New_York"),
    **dict.fromkeys(("CST", "CDT"), "America/Chicago"),
    **dict.fromkeys(("MST", "MDT"), "America/Denver"),
    **dict.fromkeys(("PST", "PDT"), "America/Los_Angeles"),
}  # a place, whose clocks then decide between standard time and summer time
_PIVOT_BACK, _CENTURY = 30, 100  # two digits mean a year from 80 years ago to 19 years ahead
_TIMES = frozenset("HkKhamsS")
_RANGES = {
    "H": (0, 23),
    "k": (1, 24),
    "K": (0, 11),
    "h": (1, 12),
    "m": (0, 59),
    "s": (0, 59),
    "D": (1, 366),
    "w": (1, 53),
    "e": (1, 7),
}


class _Field(NamedTuple):
    """A group of the pattern's regular expression and how its text becomes a number."""

    letter: str
    value: Callable[[str], int]


def joda_parser(pattern: str, names: Names) -> Parse:
    """
    A function (text, zone) → timestamp, or None where *pattern* does not fit.

    Raises:
        ValueError: a letter that means nothing.
    """
    parts = tokens(pattern)
    fields: list[_Field] = []
    source = "".join(_regex(part, parts[index + 1 :], names, fields) for index, part in enumerate(parts))
    match = re.compile(source, re.ASCII).fullmatch
    has_year = "y" in pattern or "Y" in pattern
    letters = [field.letter for field in fields]
    plain = PlainDates.for_fields(letters)
    default_year = datetime.now(UTC).year

    def parse_once(found: re.Match[str], place: tzinfo) -> Timestamp | None:
        if plain is not None:
            timestamp = plain.read(found.groups(), place)
            if timestamp is not None:
                return timestamp
        values: dict[str, int] = {}
        offset: tzinfo | None
        for field, group in zip(fields, found.groups(), strict=True):
            if field.letter == "Z":
                offset = UTC if group in "Zz" else offset_zone(group)
            elif field.letter == "z":
                offset = zone(_ZONE_NAMES[group])
            elif field.letter == "ZZZ":
                offset = zone(group)
            else:
                values[field.letter] = field.value(group)
                continue
            if offset is None:
                return None
            place = offset
        return _resolve(values, place, default_year, has_year=has_year)

    def parse(text: str, place: tzinfo) -> Timestamp | None:
        found = match(text)
        return None if found is None else parse_once(found, place)

    if plain is None or "S" in letters or any(part.letter == "y" and part.times == 2 for part in parts):
        return parse  # no two texts of a minute are alike, or what they mean changes with the year
    minutes, has_offset, second = Minutes(), "Z" in letters, letters.index("s") + 1

    def parse_or_remember(text: str, place: tzinfo) -> Timestamp | None:
        if not has_offset and place is not UTC:
            return parse(text, place)  # its clocks may have been put forward within a minute
        timestamp = minutes.find(text)
        if timestamp is None:
            found = match(text)
            timestamp = None if found is None else parse_once(found, place)
            if found is not None and timestamp is not None:
                minutes.remember(text, found.start(second), timestamp)
        return timestamp

    return parse_or_remember


def _resolve(values: dict[str, int], place: tzinfo, default_year: int, *, has_year: bool) -> Timestamp | None:
    for letter, (lowest, highest) in _RANGES.items():
        if letter in values and not lowest <= values[letter] <= highest:
            return None
    if values.get("Y", 1) < 1:
        return None  # the year of an era
    try:
        years = {letter: values[letter] for letter in "yYx" if letter in values}
        near = {letter: stand_in_year(year) for letter, year in years.items()}
        day = find_day({**values, **near}, default_year, has_time=not _TIMES.isdisjoint(values))
        if not has_year:
            day = _in_guessed_year(day)
    except (ValueError, OverflowError):
        return None
    hour = _hour(values)
    local = datetime(day.year, day.month, day.day, hour, values.get("m", 0), values.get("s", 0))  # noqa: DTZ001 - a local time
    timestamp = instant(local, values.get("S", 0), place)
    far = next((years[letter] - near[letter] for letter in "xyY" if letter in years), 0)
    return timestamp if timestamp is None or not far else timestamp.moved(far)


def _in_guessed_year(day: date) -> date:
    """This year; last year for a December read in January; next year for a January read in December."""
    now = datetime.now(UTC)
    year = now.year
    if day.month == 12 and now.month == 1:
        year -= 1
    elif day.month == 1 and now.month == 12:
        year += 1
    if day.month == 2 and day.day == 29 and not isleap(year):
        return date(year, 2, 28)
    return day.replace(year=year)


def _hour(values: dict[str, int]) -> int:
    if "H" in values:
        return values["H"]
    if "k" in values:
        return values["k"] % 24
    half = 12 if values.get("a") == 1 else 0
    return values.get("K", values.get("h", 0) % 12) + half


def _regex(token: Token, following: list[Token], names: Names, fields: list[_Field]) -> str:
    """The regular expression that reads *token*; a field's group is noted in *fields*."""
    letter, count = token.letter, token.times
    if not letter:
        return f"(?i:{re.escape(token.text)})"
    digits_follow = bool(following) and is_numeric(following[0])
    if letter in "yYx":
        return _year_regex(letter, count, fields, digits_follow=digits_follow)
    if letter == "M" and count >= 3:
        return _name_regex("M", (names.months, names.short_months), 1, fields)
    if letter == "E":
        return _name_regex("E", (names.days, names.short_days), 1, fields)
    if letter == "a":
        return _name_regex("a", (names.halves,), 0, fields)
    if letter == "G":
        return _name_regex("G", (("BC", "AD"), ("BCE", "CE")), 0, fields)
    if letter == "S":
        fields.append(_Field("S", lambda text: int(text[:3].ljust(3, "0"))))
        return rf"(\d{{1,{count}}}+)"
    if letter == "Z" and count <= 2:
        fields.append(_Field("Z", int))
        return f"({_OFFSET})"
    if letter in "zZ":
        fields.append(_Field("z" if letter == "z" else "ZZZ", int))
        ids = zone_ids() if letter == "Z" else sorted(_ZONE_NAMES, key=len, reverse=True)
        return "(" + "|".join(map(re.escape, ids)) + ")"
    fields.append(_Field(letter, int))
    return rf"(\d{{1,{3 if letter == 'D' else 1 if letter == 'e' else max(2, count) if letter == 'C' else 2}}}+)"


def _year_regex(letter: str, count: int, fields: list[_Field], *, digits_follow: bool) -> str:
    if count == 2:
        fields.append(_Field(letter, _pivoted))
        return r"(\d{2})" if digits_follow else r"([+-]?\d{1,9}+)"
    fields.append(_Field(letter, int))
    return rf"([+-]?\d{{1,{count if digits_follow else 9}}}+)"


def _pivoted(text: str) -> int:
    """Two digits are a year near today, anything else is the year itself."""
    if len(text) != 2 or not text.isdigit():
        return int(text)
    lowest = datetime.now(UTC).year - _PIVOT_BACK - _CENTURY // 2
    return lowest + (int(text) - lowest) % _CENTURY


def _name_regex(letter: str, spellings: tuple[tuple[str, ...], ...], first: int, fields: list[_Field]) -> str:
    numbers: dict[str, int] = {}
    for words in spellings:
        for number, word in enumerate(words, first):
            for variant in (word, word.lower(), word.upper()):
                numbers.setdefault(variant, number)
    fields.append(_Field(letter, numbers.__getitem__))
    return "(" + "|".join(re.escape(word) for word in sorted(numbers, key=len, reverse=True)) + ")"
