"""Instants as numbers: seconds or milliseconds since 1970, and TAI64N labels."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from logging_pipeline.logstash_engine.events.timestamp import Timestamp

__all__ = ["parse_tai64n", "parse_unix", "parse_unix_ms"]

_LAST_SECOND = 2**31 - 1
_LAST_LONG = 2**63 - 1
_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_TAI64N = re.compile(r"@?([0-9a-fA-F]{16})([0-9a-fA-F]{8})")
_TAI_EPOCH_MASK = (1 << 62) - 1
_TAI_OFFSET_S = 10  # as Logstash has it: the leap seconds after 1972 are left out


def parse_unix(value: Any) -> Timestamp | None:
    """
    Seconds, with a fraction perhaps, as a number or as text; none beyond 2038.

    Of the fraction in a text three characters are looked at, whatever comes after them.
    """
    if value.__class__ is str:
        whole, point, fraction = value.partition(".")
        digits = fraction[:3]
        if not _INTEGER.fullmatch(whole) or (point and not _INTEGER.fullmatch(digits)) or int(whole) > _LAST_SECOND:
            return None
        return _of_milliseconds(int(whole) * 1000 + (int(digits) * 10 ** (3 - len(digits)) if point else 0))
    if value.__class__ is bool or not isinstance(value, (int, float, Decimal)):
        return None
    seconds = int(value)
    return _of_milliseconds(int(value * 1000)) if -_LAST_LONG <= seconds <= _LAST_SECOND else None


def parse_unix_ms(value: Any) -> Timestamp | None:
    """Milliseconds, as a number or as text."""
    if value.__class__ is str:
        milliseconds = int(value) if _INTEGER.fullmatch(value) else _LAST_LONG + 1
    elif value.__class__ is float:
        milliseconds = max(-_LAST_LONG, min(int(value), _LAST_LONG))
    elif value.__class__ is int:
        milliseconds = value
    elif value.__class__ is Decimal and abs(value) <= _LAST_SECOND * 1000:
        milliseconds = int(value)
    else:
        return None
    return _of_milliseconds(milliseconds) if -_LAST_LONG <= milliseconds <= _LAST_LONG else None


def parse_tai64n(value: Any) -> Timestamp | None:
    """24 hexadecimal digits, after an ``@`` perhaps; what follows them is ignored."""
    match = _TAI64N.match(value) if value.__class__ is str else None
    if match is None:
        return None
    seconds = (int(match[1], 16) & _TAI_EPOCH_MASK) - _TAI_OFFSET_S
    return _of_milliseconds(_as_long(seconds * 1000 + int(match[2], 16) // 1_000_000))


def _as_long(number: int) -> int:
    """*number* as 64 bits hold it: beyond them it begins again from the other end, as in Logstash."""
    return (number + _LAST_LONG + 1) % 2**64 - _LAST_LONG - 1


def _of_milliseconds(milliseconds: int) -> Timestamp:
    seconds, rest = divmod(milliseconds, 1000)
    return Timestamp.of_epoch(seconds, rest * 1_000_000)
