"""An instant as Logstash keeps it: UTC, nanoseconds, and one way to write it."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

__all__ = ["Timestamp"]

_PLAIN = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z")
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(?:Z|([+-]\d\d)(?::?(\d\d))?)?", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_LENGTH = len("2024-03-05T06:07:08Z")  # the commonest form, which is read without a regular expression
_NANOS = 1_000_000_000


class Timestamp:
    """
    An instant; immutable and hashable.

    *text* is what the outputs write: ``2024-03-05T06:07:08.009Z``, with three to nine digits of the second, always UTC.
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def parse(cls, text: str) -> Timestamp | None:
        """Read ISO 8601 in its extended form, as a timestamp of an incoming event may be written; None if it is not."""
        try:
            if (
                len(text) == _SECONDS_LENGTH
                and text[19] == "Z"
                and text[7] == "-"
                and text[10] == "T"
                and text[13] == ":"
            ):
                datetime.fromisoformat(text[:19])
                return cls(f"{text[:19]}.000Z")
            plain = _PLAIN.fullmatch(text)
            if plain is not None:
                datetime.fromisoformat(plain[1])
                return cls(f"{plain[1]}.{_fraction(plain[2])}Z")
            return cls._parse_any(text)
        except (ValueError, OverflowError):
            return None

    @classmethod
    def _parse_any(cls, text: str) -> Timestamp | None:
        match = _ISO.fullmatch(text)
        if match is None:
            return None
        day, minutes, second, fraction, zone_hours, zone_minutes = match.groups()
        local = datetime.fromisoformat(f"{day}T{minutes or '00:00'}:{second or '00'}+00:00")
        if zone_hours:
            offset = timedelta(hours=abs(int(zone_hours)), minutes=int(zone_minutes or 0))
            local = local + offset if zone_hours.startswith("-") else local - offset
        return cls(
            f"{local:%Y-%m-%dT%H:%M:%S}.{_fraction(fraction)}Z" if local.year > 999 else _small_year(local, fraction)
        )

    @classmethod
    def of_epoch(cls, seconds: int, nanoseconds: int = 0) -> Timestamp | None:
        """The instant *seconds* and *nanoseconds* (0 to 999,999,999) after 1970; None outside the years 1 to 9999."""
        try:
            moment = _EPOCH + timedelta(seconds=seconds)
        except OverflowError:
            return None
        fraction = f"{nanoseconds:09d}"
        return cls(
            f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}"
            f"T{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d}.{_fraction(fraction)}Z"
        )

    @classmethod
    def now(cls) -> Timestamp:
        seconds, nanoseconds = divmod(time.time_ns(), _NANOS)
        moment = cls.of_epoch(seconds, nanoseconds)
        assert moment is not None, "the clock stands outside the years 1 to 9999"  # noqa: S101 - not a check of input
        return moment

    @property
    def seconds(self) -> int:
        """Whole seconds since 1970, rounded down."""
        return int((self.moment - _EPOCH).total_seconds())

    @property
    def nanoseconds(self) -> int:
        """Nanoseconds of the second."""
        return int(self.text[20:-1].ljust(9, "0"))

    @property
    def moment(self) -> datetime:
        """The whole second, as a datetime in UTC."""
        return datetime.fromisoformat(self.text[:19] + "+00:00")

    def _key(self) -> tuple[str, str]:
        return self.text[:19], self.text[20:-1].ljust(9, "0")

    def __eq__(self, other: object) -> bool:
        return other.__class__ is Timestamp and self._key() == other._key()

    def __lt__(self, other: Timestamp) -> bool:
        return self._key() < other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Timestamp({self.text!r})"


def _fraction(digits: str | None) -> str:
    """Three digits at least, then no zero at the end."""
    return "000" if not digits else digits.rstrip("0").ljust(3, "0")


def _small_year(local: datetime, fraction: str | None) -> str:
    return f"{local.year:04d}-{local:%m-%dT%H:%M:%S}.{_fraction(fraction)}Z"
