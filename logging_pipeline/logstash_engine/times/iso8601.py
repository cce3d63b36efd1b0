"""Reads ISO 8601 in all its extended forms, as the date filter's ``ISO8601`` does: calendar, week and ordinal dates."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from logging_pipeline.logstash_engine.events.timestamp import Timestamp, stand_in_year
from logging_pipeline.logstash_engine.times.zones import instant, offset_zone

__all__ = ["parse_iso8601"]

_ZONE = r"(?P<zone>[Zz]|[+-]\d\d(?::\d\d(?::\d\d)?|\d\d(?:\d\d)?)?)?"
_DATE = (
    r"(?P<year>[+-]?\d{1,9}+)"
    r"(?:-W(?P<week>\d{1,2})(?:-(?P<weekday>\d))?|-(?P<ordinal>\d{3})|-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?"
)
_TIME = r"(?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2}))?)?(?:[.,](?P<fraction>\d{1,9}))?"
_FORMS = (
    re.compile(rf"{_DATE}(?:[Tt](?:{_TIME})?{_ZONE})?", re.ASCII | re.IGNORECASE),
    re.compile(rf"[Tt]{_TIME}{_ZONE}", re.ASCII),
    re.compile(
        rf"{_DATE.replace('(?:-W', '(?!-W)(?:-W')} (?P<hour>\d{{1,2}}):(?P<minute>\d{{1,2}}):(?P<second>\d{{1,2}})"
        r"[.,](?P<fraction>\d{1,3})(?P<zone>[+-]\d\d(?::?\d\d)?)?",
        re.ASCII,
    ),
)
_PLAIN = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)


def parse_iso8601(text: str, place: tzinfo = UTC) -> Timestamp | None:
    """
    The instant that *text* names, in *place* where it has no offset; None if it is not ISO 8601 or no such time exists.
    """
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        try:
            datetime.fromisoformat(plain[1])
        except ValueError:
            return None
        return Timestamp(f"{plain[1]}.{(plain[2] or '')[:3].ljust(3, '0')}Z")
    for form in _FORMS:
        match = form.fullmatch(text)
        if match is not None:
            return _resolve(match.groupdict(), place)
    return None


def _resolve(groups: dict[str, str | None], place: tzinfo) -> Timestamp | None:
    try:
        year = int(groups.get("year") or 1970)
        near = stand_in_year(year)
        day = _day(groups, near)
        hour, minute, second = (int(groups.get(unit) or 0) for unit in ("hour", "minute", "second"))
        local = datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 - a local time
    except (ValueError, OverflowError):
        return None
    fraction = groups.get("fraction")
    milliseconds = 0
    if fraction:
        unit = 1000 if groups.get("second") else 60_000 if groups.get("minute") else 3_600_000
        total = int(fraction) * unit // 10 ** len(fraction)
        local += timedelta(seconds=total // 1000)
        milliseconds = total % 1000
    written = groups.get("zone")
    if written:
        offset = UTC if written in "Zz" else offset_zone(written)
        if offset is None:
            return None
        place = offset
    timestamp = instant(local, milliseconds, place)
    return timestamp if timestamp is None or year == near else timestamp.moved(year - near)


def _day(groups: dict[str, str | None], year: int) -> date:
    if groups.get("week"):
        return date.fromisocalendar(year, int(groups["week"] or 1), int(groups.get("weekday") or 1))
    if groups.get("ordinal"):
        day = date(year, 1, 1) + timedelta(days=int(groups["ordinal"] or 1) - 1)
        if day.year != year:
            raise ValueError("that year has no such day")
        return day
    return date(year, int(groups.get("month") or 1), int(groups.get("day") or 1))
