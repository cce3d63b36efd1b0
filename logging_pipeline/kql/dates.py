"""Dates and date math, to the nanosecond, as Elasticsearch reads them: ``strict_date_optional_time_nanos``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal

__all__ = ["MILLIS", "NANOS", "Clock", "iso", "stored_ns"]

NANOS = (0, 2**63 - 1)  # what a date_nanos holds, nanoseconds since 1970: until 2262
MILLIS = (-62_135_596_800_000, 253_402_300_799_999)  # of a date, milliseconds: the years that Python has, 1 to 9999
_SECOND = 1_000_000_000
_ISO = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})(?:T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r"(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2})?)?)?)?)?)?"
)
_EPOCH_MS = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?")
_STEP = re.compile(r"/(?P<round>[yMwdhHms])|(?P<sign>[+-])(?P<count>[0-9]{0,9})(?P<unit>[yMwdhHms])")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNIT_NS = {"h": 3_600 * _SECOND, "H": 3_600 * _SECOND, "m": 60 * _SECOND, "s": _SECOND}


@dataclass(frozen=True, slots=True)
class Clock:
    """
    What the words of a date depend on.

    Args:
        now: the instant that ``now`` stands for.
        zone: of dates that name none, and of days, weeks, months and years.
    """

    now: datetime
    zone: tzinfo = UTC

    def span(self, text: str) -> tuple[int, int]:
        """
        First and last nanosecond since 1970, UTC, of what *text* names: ``2026-11`` is a month, ``now`` an instant.

        Raises:
            ValueError: it is no date that can be had.
        """
        try:
            (first, last), steps = self._anchor(text)
            if not steps:
                return first, last
            return self._walk(first, steps, last=False), self._walk(first, steps, last=True)
        except OverflowError:
            raise ValueError(text) from None

    def _anchor(self, text: str) -> tuple[tuple[int, int], str]:
        if text.startswith("now"):
            now = ns_of(self.now.astimezone(UTC))
            return (now, now), text[3:]
        date, _, steps = text.partition("||")
        return _span(date, self.zone), steps

    def _walk(self, ns: int, steps: str, *, last: bool) -> int:
        """From *ns* by *steps* like ``-1d/d``; *last*: a rounding goes to the end of its unit."""
        position = 0
        while position < len(steps):
            step = _STEP.match(steps, position)
            if step is None:
                raise ValueError(steps)
            position = step.end()
            if step["round"]:
                start = self._floor(ns, step["round"])
                ns = self._plus(start, 1, step["round"]) - 1 if last else start
            else:
                ns = self._plus(ns, int(step["sign"] + (step["count"] or "1")), step["unit"])
        return ns

    def _local(self, ns: int) -> tuple[datetime, int]:
        """The wall clock's whole second, and the nanoseconds beyond it."""
        return (_EPOCH + timedelta(seconds=ns // _SECOND)).astimezone(self.zone), ns % _SECOND

    def _floor(self, ns: int, unit: str) -> int:
        local, _ = self._local(ns)
        return ns_of(_FLOOR[unit](local))

    def _plus(self, ns: int, count: int, unit: str) -> int:
        if unit in _UNIT_NS:
            return ns + count * _UNIT_NS[unit]
        local, beyond = self._local(ns)
        if unit in "dw":
            moved = local + timedelta(days=count * (7 if unit == "w" else 1))
        else:
            moved = _plus_months(local, count * (12 if unit == "y" else 1))
        return ns_of(moved) + beyond


def stored_ns(value: object) -> int | None:
    """An event's date as the index reads it, nanoseconds since 1970, UTC; ``None``: the index refuses it."""
    text = f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    if "T" in text and text[16:17] != ":":
        return None  # in a document, unlike in a query, a time has its seconds
    try:
        return _span(text, UTC)[0]
    except (ValueError, OverflowError):
        return None


def iso(ns: int) -> str:
    """*ns* since 1970 as Elasticsearch takes it in a query."""
    second = (_EPOCH + timedelta(seconds=ns // _SECOND)).replace(tzinfo=None)
    return f"{second.isoformat()}.{ns % _SECOND:09d}Z"


def ns_of(instant: datetime) -> int:
    """Nanoseconds since 1970, UTC."""
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * _SECOND + since.microseconds * 1_000


def _span(text: str, zone: tzinfo) -> tuple[int, int]:
    found = _ISO.fullmatch(text)
    if found is None:
        if not _EPOCH_MS.fullmatch(text):
            raise ValueError(text)
        ns = int(Decimal(text) * 1_000_000)
        return ns, ns
    parts = {name: int(found[name]) for name in _FIRST if found[name]}
    start = datetime(**{**_FIRST, **parts}, tzinfo=_zone(found["zone"]) or zone)
    first = ns_of(start)
    if found["fraction"]:
        first += int(found["fraction"].ljust(9, "0"))
        return first, first  # a fraction makes it an instant, however short it is
    return first, ns_of(_END[next(reversed(parts))](start)) - 1


_FIRST = {"year": 1, "month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0}


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text == "Z":
        return UTC
    hours, minutes, seconds = (int(part or 0) for part in re.match(r".(..):?(..)?:?(..)?", text).groups())  # type: ignore[union-attr]
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if minutes > 59 or seconds > 59 or offset > timedelta(hours=18):
        raise ValueError(text)
    return timezone(-offset if text[0] == "-" else offset)


def _plus_months(local: datetime, count: int) -> datetime:
    """The same day of another month, or that month's last."""
    month = local.year * 12 + local.month - 1 + count
    year, month = divmod(month, 12)
    if not 1 <= year <= 9_998:
        raise OverflowError(year)
    first = local.replace(year=year, month=month + 1, day=1)
    days = ((first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day
    return first.replace(day=min(local.day, days))


_MIDNIGHT = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0, "fold": 0}
_FLOOR: dict[str, Callable[[datetime], datetime]] = {
    "y": lambda t: t.replace(month=1, day=1, **_MIDNIGHT),  # type: ignore[arg-type]
    "M": lambda t: t.replace(day=1, **_MIDNIGHT),  # type: ignore[arg-type]
    "w": lambda t: t.replace(**_MIDNIGHT) - timedelta(days=t.weekday()),  # type: ignore[arg-type]
    "d": lambda t: t.replace(**_MIDNIGHT),  # type: ignore[arg-type]
    "h": lambda t: t.replace(minute=0, second=0, microsecond=0),
    "H": lambda t: t.replace(minute=0, second=0, microsecond=0),
    "m": lambda t: t.replace(second=0, microsecond=0),
    "s": lambda t: t.replace(microsecond=0),
}
_END: dict[str, Callable[[datetime], datetime]] = {
    "year": lambda t: _plus_months(t, 12),
    "month": lambda t: _plus_months(t, 1),
    "day": lambda t: t + timedelta(days=1),
    "hour": lambda t: t + timedelta(hours=1),
    "minute": lambda t: t + timedelta(minutes=1),
    "second": lambda t: t + timedelta(seconds=1),
}
