"""Instants as numbers: seconds or milliseconds since 1970, and TAI64N labels."""

from __future__ import annotations

import re
from typing import Any

from logging_pipeline.logstash_engine.events.timestamp import Timestamp

__all__ = ["parse_tai64n", "parse_unix", "parse_unix_ms"]

_LAST_SECOND = 2**31 - 1
_SECONDS = re.compile(r"([+-]?\d{1,18})(?:\.(\d+))?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_TAI64N = re.compile(r"@?([0-9a-fA-F]{16})([0-9a-fA-F]{8})")
_TAI_EPOCH_MASK = (1 << 62) - 1
_TAI_OFFSET_S = 10  # as Logstash has it: the leap seconds after 1972 are left out


def parse_unix(value: Any) -> Timestamp | None:
    """Seconds, with a fraction perhaps, as a number or as text; none beyond 2038."""
    if value.__class__ is str:
        match = _SECONDS.fullmatch(value)
        if match is None or int(match[1]) > _LAST_SECOND:
            return None
        return _of_milliseconds(int(match[1]) * 1000 + int((match[2] or "")[:3].ljust(3, "0")))
    if value.__class__ in (int, float) and int(value) <= _LAST_SECOND:
        return _of_milliseconds(int(value * 1000))
    return None


def parse_unix_ms(value: Any) -> Timestamp | None:
    """Milliseconds, as a number or as text."""
    if value.__class__ is str:
        return _of_milliseconds(int(value)) if _INTEGER.fullmatch(value) else None
    return _of_milliseconds(int(value)) if value.__class__ in (int, float) else None


def parse_tai64n(value: Any) -> Timestamp | None:
    """24 hexadecimal digits, after an ``@`` perhaps; what follows them is ignored."""
    match = _TAI64N.match(value) if value.__class__ is str else None
    if match is None:
        return None
    seconds = (int(match[1], 16) & _TAI_EPOCH_MASK) - _TAI_OFFSET_S
    return _of_milliseconds(seconds * 1000 + int(match[2], 16) // 1_000_000)


def _of_milliseconds(milliseconds: int) -> Timestamp | None:
    seconds, rest = divmod(milliseconds, 1000)
    return Timestamp.of_epoch(seconds, rest * 1_000_000)
