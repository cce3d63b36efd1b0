"""
Writes an instant after one of Joda's patterns: ``%{+yyyy.MM.dd}``. Always UTC, always English, no finer than
milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from logging_pipeline.logstash_engine.events.timestamp import Timestamp
from logging_pipeline.logstash_engine.times.joda_tokens import Token, tokens
from logging_pipeline.logstash_engine.times.names import ENGLISH

__all__ = ["joda_formatter"]

_Write = Callable[[datetime, int], str]

# What stands at fixed places of a timestamp's own text is copied from there.
_SLICES = {
    ("y", 4): (0, 4),
    ("Y", 4): (0, 4),
    ("M", 2): (5, 7),
    ("d", 2): (8, 10),
    ("H", 2): (11, 13),
    ("m", 2): (14, 16),
}
_SLICES |= {("s", 2): (17, 19), ("y", 2): (2, 4), ("Y", 2): (2, 4), ("S", 3): (20, 23)}


@lru_cache(maxsize=256)
def joda_formatter(pattern: str) -> Callable[[Timestamp], str]:
    """
    A function that writes a timestamp after *pattern*.

    Raises:
        ValueError: a letter that means nothing, or an empty pattern.
    """
    parts = tokens(pattern)
    if not parts:
        raise ValueError("the date pattern is empty")
    if all(not part.letter or (part.letter, part.times) in _SLICES for part in parts):
        return _slicing(parts)
    return _writing(parts)


def _writing(parts: list[Token]) -> Callable[[Timestamp], str]:
    writers = [_writer(part) for part in parts]

    def write(timestamp: Timestamp) -> str:
        moment = timestamp.moment
        milliseconds = timestamp.nanoseconds // 1_000_000
        return "".join([writer(moment, milliseconds) for writer in writers])

    return write


def _slicing(parts: list[Token]) -> Callable[[Timestamp], str]:
    pieces = [part.text if not part.letter else slice(*_SLICES[part.letter, part.times]) for part in parts]

    @lru_cache(maxsize=1024)  # events of a minute share it, when the pattern goes down to the day or the minute
    def write_text(text: str) -> str:
        return "".join([text[piece] if piece.__class__ is slice else piece for piece in pieces])  # type: ignore[misc]

    write_far = _writing(parts)
    end = max((piece.stop for piece in pieces if isinstance(piece, slice)), default=0)
    return lambda timestamp: write_text(timestamp.text[:end]) if timestamp.text[4] == "-" else write_far(timestamp)


def _writer(token: Token) -> _Write:
    if not token.letter:
        return lambda _moment, _milliseconds: token.text
    return _WRITERS[token.letter](token.times)


def _number(value: Callable[[datetime], int]) -> Callable[[int], _Write]:
    return lambda count: lambda moment, _milliseconds: str(value(moment)).zfill(count)


def _year(value: Callable[[datetime], int]) -> Callable[[int], _Write]:
    def make(count: int) -> _Write:
        if count == 2:
            return lambda moment, _milliseconds: f"{value(moment) % 100:02d}"
        return lambda moment, _milliseconds: str(value(moment)).zfill(count)

    return make


def _month(count: int) -> _Write:
    if count >= 4:
        return lambda moment, _milliseconds: ENGLISH.months[moment.month - 1]
    if count == 3:
        return lambda moment, _milliseconds: ENGLISH.short_months[moment.month - 1]
    return lambda moment, _milliseconds: str(moment.month).zfill(count)


def _day_name(count: int) -> _Write:
    names = ENGLISH.days if count >= 4 else ENGLISH.short_days
    return lambda moment, _milliseconds: names[moment.weekday()]


def _fraction(count: int) -> _Write:
    return lambda _moment, milliseconds: f"{milliseconds:03d}"[:count].ljust(count, "0")


def _offset(count: int) -> _Write:
    text = {1: "+0000", 2: "+00:00"}.get(count, "UTC")
    return lambda _moment, _milliseconds: text


_WRITERS: dict[str, Callable[[int], _Write]] = {
    "G": lambda _count: lambda _moment, _milliseconds: "AD",
    "C": _number(lambda moment: moment.year // 100),
    "Y": _year(lambda moment: moment.year),
    "y": _year(lambda moment: moment.year),
    "x": _year(lambda moment: moment.isocalendar().year),
    "w": _number(lambda moment: moment.isocalendar().week),
    "e": _number(lambda moment: moment.isoweekday()),
    "E": _day_name,
    "D": _number(lambda moment: moment.timetuple().tm_yday),
    "M": _month,
    "d": _number(lambda moment: moment.day),
    "a": lambda _count: lambda moment, _milliseconds: ENGLISH.halves[moment.hour // 12],
    "K": _number(lambda moment: moment.hour % 12),
    "h": _number(lambda moment: moment.hour % 12 or 12),
    "H": _number(lambda moment: moment.hour),
    "k": _number(lambda moment: moment.hour or 24),
    "m": _number(lambda moment: moment.minute),
    "s": _number(lambda moment: moment.second),
    "S": _fraction,
    "z": lambda count: lambda _moment, _milliseconds: "Coordinated Universal Time" if count >= 4 else "UTC",
    "Z": _offset,
}
