"""One field and one value: what the value means for a field of that type."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from logging_pipeline.kql import values
from logging_pipeline.kql.conditions import Between, Condition, Equals, Exists, Like, OneOf, Phrase, Target, Words
from logging_pipeline.kql.dates import MILLIS, NANOS, Clock
from logging_pipeline.kql.syntax import BLANKS, Literal, Operator, Pattern
from logging_pipeline.kql.words import lowered

__all__ = ["Unfit", "equal", "ordered", "split"]

T = TypeVar("T")
_NEVER = OneOf(())
_A_DATE = 'a date like 2026-11-21, "2026-11-21T10:00:00Z" or now-15m'


class Unfit(Exception):
    """The field cannot hold the value; its text says which and why."""


def equal(target: Target, value: Literal | Pattern, clock: Clock) -> Condition:
    """
    ``field: value``.

    Raises:
        Unfit: the value is not of the field's type.
    """
    if isinstance(value, Pattern):
        return Exists(target) if value.matches_all else _like(target, value.parts)
    text = value.text
    match target.type:
        case "keyword" | "flattened":
            return Equals(target, text)
        case "text":
            return Phrase(target, text) if value.quoted else Words(target, text)
        case "long":
            return _within(target, *_read(values.longs, target, text, "a number"))
        case "double":
            number = _read(values.double, target, text, "a number")
            return Between(target, number, number)
        case "boolean":
            truth = _read(values.boolean, target, text, "true or false")
            return Between(target, truth, truth)
        case "ip":
            return _within(target, *_read(values.addresses, target, text, "an address or a network"))
        case "date" | "date_nanos":
            return _within(target, *_read(clock.span, target, text, _A_DATE))


def ordered(target: Target, operator: Operator, text: str, clock: Clock) -> Condition:
    """
    ``field >= value``. Of a span of time, ``>`` and ``<=`` mean the end, ``<`` and ``>=`` the beginning.

    Raises:
        Unfit: the value is not of the field's type, or the type has no order.
    """
    match target.type:
        case "keyword" | "flattened":
            return _beyond(target, operator, text)
        case "text" | "boolean":
            raise Unfit(f"{target.name} is a {target.type}, which has no order. Use a colon")
        case "double":
            if target.pattern:
                raise Unfit(f"a range cannot be asked of all {target.name} at once. Name one")
            return _beyond(target, operator, _read(values.double, target, text, "a number"))
        case "long":
            first, last = _read(values.longs, target, text, "a number")
        case "ip":
            first = last = _read(values.address, target, text, "an address")
        case "date" | "date_nanos":
            first, last = _read(clock.span, target, text, _A_DATE)
    match operator:
        case ">":
            return _within(target, last + 1, None)
        case ">=":
            return _within(target, first, None)
        case "<":
            return _within(target, None, first - 1)
        case "<=":
            return _within(target, None, last)


def _read(read: Callable[[str], T], target: Target, text: str, wanted: str) -> T:
    try:
        return read(text)
    except ValueError:
        shown = text if len(text) <= 60 else f"{text[:60]}…"
        raise Unfit(f"{shown!r} is no value of {target.name}, which is {wanted}") from None


def _beyond(target: Target, operator: Operator, bound: str | float) -> Condition:
    if operator[0] == ">":
        return Between(target, bound, None, low_open=operator == ">")
    return Between(target, None, bound, high_open=operator == "<")


_ENDS = {"long": values.LONG, "ip": values.ADDRESS, "date_nanos": NANOS, "date": MILLIS}


def _within(target: Target, low: int | None, high: int | None) -> Condition:
    """From *low* to *high*, both included, cut to what the type can hold: Elasticsearch refuses more."""
    least, most = _ENDS[target.type]
    if target.type == "date":  # nanoseconds become the milliseconds that lie in between
        low = None if low is None else -(-low // 1_000_000)
        high = None if high is None else high // 1_000_000
    low = None if low is None or low <= least else low
    high = None if high is None or high >= most else high
    if (low is not None and low > most) or (high is not None and high < least):
        return _NEVER
    if low is not None and high is not None and low > high:
        return _NEVER
    return Exists(target) if low is None and high is None else Between(target, low, high)


def _like(target: Target, parts: tuple[str, ...]) -> Condition:
    match target.type:
        case "keyword":
            return Like(target, parts)
        case "flattened":
            if target.key is not None and (len(parts) > 2 or not parts[0] or parts[1]):
                raise Unfit(
                    f"Elasticsearch finds values of {target.name} by their beginning only: abc*. "
                    f"Or search all of them: {target.path[0]}: *abc*"
                )
            return Like(target, parts)
        case "text":
            pieces = [_piece(target, piece) for piece in split(parts)]
            return pieces[0] if len(pieces) == 1 else OneOf(tuple(pieces))
        case _:
            raise Unfit(f"{target.name} is a {target.type}, which takes no wildcards but * alone. Use a range")


def _piece(target: Target, parts: tuple[str, ...]) -> Condition:
    if len(parts) == 1:
        return Words(target, parts[0])
    return Exists(target) if parts == ("", "") else Like(target, tuple(map(lowered, parts)))


def split(parts: tuple[str, ...]) -> list[tuple[str, ...]]:
    """A pattern on a text means any of its words: cut at blanks, each piece with the wildcards that are in it."""
    pieces: list[list[str]] = [[""]]
    for number, part in enumerate(parts):
        if number:
            pieces[-1].append("")
        first, *others = part.translate(_TO_SPACE).split(" ")
        pieces[-1][-1] += first
        pieces += [[word] for word in others]
    return [tuple(piece) for piece in pieces if piece != [""]]


_TO_SPACE = str.maketrans(dict.fromkeys(BLANKS, " "))
