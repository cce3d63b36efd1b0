"""Time zones by name or offset, and the way from a local time to an instant."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from logging_pipeline.logstash_engine.events.timestamp import Timestamp

__all__ = ["instant", "offset_zone", "zone", "zone_ids"]

_OFFSET = re.compile(r"([+-])(\d\d?)(?::?(\d\d))?(?::?(\d\d))?")
_UTC_NAMES = frozenset({"UTC", "Etc/UTC", "GMT", "Z"})


@lru_cache(maxsize=512)
def zone(name: str) -> tzinfo | None:
    """The zone called *name* (``Europe/Berlin``, ``EST``, ``+01:00``); None if there is none."""
    if name in _UTC_NAMES:
        return UTC
    offset = offset_zone(name)
    if offset is not None:
        return offset
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def offset_zone(text: str) -> timezone | None:
    """The zone that lies *text* (``+0530``, ``-08:00``, ``+01``) from UTC; None if the text is none or out of range."""
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    sign, hours, minutes, seconds = match[1], int(match[2]), int(match[3] or 0), int(match[4] or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    distance = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-distance if sign == "-" else distance)


@lru_cache(maxsize=1)
def zone_ids() -> list[str]:
    """Every zone's name, the longest first, as a parser has to try them."""
    return sorted(available_timezones() | {"UTC", "GMT", "EST", "MST", "HST"}, key=len, reverse=True)


def instant(local: datetime, milliseconds: int, place: tzinfo) -> Timestamp | None:
    """
    The instant when clocks of *place* show *local* (naive); None if they never do, or the year is out of range.

    Where clocks show it twice, in autumn, it is the earlier instant.
    """
    try:
        if place is UTC:
            moment = local.replace(tzinfo=UTC)
        else:
            moment = local.replace(tzinfo=place).astimezone(UTC)
            if moment.astimezone(place).replace(tzinfo=None) != local:
                return None
    except OverflowError:
        return None
    return Timestamp(
        f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}"
        f"T{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d}.{milliseconds:03d}Z"
    )
