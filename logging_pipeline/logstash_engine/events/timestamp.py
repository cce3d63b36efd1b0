"""An instant as Logstash keeps it: UTC, nanoseconds, and one way to write it."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

__all__ = ["SECONDS", "Timestamp", "stand_in_year"]

SECONDS = frozenset(f"{second:02d}" for second in range(60))

_PLAIN = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z")
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(?:Z|([+-]\d\d)(?::?(\d\d))?)?", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE_SECONDS = {f"{second}Z": f"{second}.000Z" for second in SECONDS}
_SECONDS_AND_POINT = frozenset(f"{second}." for second in SECONDS)
_LEAST_DIGITS, _NANO_DIGITS = 3, 9
_MOST_MINUTES = 4096
_minutes: set[str] = set()  # that were read before, as far as the colon before their second
_NANOS = 1_000_000_000
_CYCLE_YEARS = 400  # after which the calendar repeats itself, weekdays included
_CYCLE_S = 146_097 * 86_400
_FIRST_YEAR, _LAST_YEAR = -292_275_054, 292_278_993
_STAND_IN = 2000  # years beyond Python's are reckoned in the cycle that begins here


def stand_in_year(year: int) -> int:
    """
    *year*, or for one that Python does not know a year of the same days, a multiple of 400 years away.

    Raises:
        ValueError: Java does not know it either.
    """
    if 1 < year < 9999:
        return year
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(f"there is no year {year}")
    return year % _CYCLE_YEARS + (400 if year < 1000 else 2400)  # where clocks had, or will have, the same rules


class Timestamp:
    """
    An instant; immutable and hashable.

    *text* is what the outputs write: ``2024-03-05T06:07:08.009Z``, with three to nine digits of the second, always UTC;
    a year beyond 9999 has a plus sign, one before 0 a minus sign.
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def parse(cls, text: str) -> Timestamp | None:
        """Read ISO 8601 in its extended form, as a timestamp of an incoming event may be written; None if it is not."""
        minute = text[:17]
        if minute in _minutes:  # nearly always
            whole = _WHOLE_SECONDS.get(text[17:])
            if whole is not None:
                return cls(minute + whole)
            digits = text[20:-1]
            if (
                text[17:20] in _SECONDS_AND_POINT
                and text[-1] == "Z"
                and digits.isdecimal()
                and digits.isascii()
                and len(digits) <= _NANO_DIGITS
            ):
                if digits[-1] != "0" and len(digits) >= _LEAST_DIGITS:
                    return cls(text)
                return cls(f"{text[:20]}{_fraction(digits)}Z")
        try:
            plain = _PLAIN.fullmatch(text)
            if plain is not None and "T24:" not in text:
                datetime.fromisoformat(plain[1])
                _remember_minute(minute)
                return cls(f"{plain[1]}.{_fraction(plain[2])}Z")
            return cls._parse_any(text)
        except (ValueError, OverflowError):
            return None

    def moved(self, years: int) -> Timestamp:
        """The same day and time *years* later; a multiple of 400, for the days to agree."""
        year, rest = self._year_and_rest()
        return Timestamp(f"{_year_text(year + years)}{rest}")

    @classmethod
    def _parse_any(cls, text: str) -> Timestamp | None:
        match = _ISO.fullmatch(text)
        if match is None:
            return None
        day, minutes, second, fraction, zone_hours, zone_minutes = match.groups()
        end_of_day = minutes == "24:00" and not (second or "0").strip("0") and not (fraction or "0").strip("0")
        clock = "00:00" if end_of_day else minutes or "00:00"
        local = datetime.fromisoformat(f"{day}T{clock}:{second or '00'}+00:00")
        if end_of_day:
            local += timedelta(days=1)
        if zone_hours:
            offset = timedelta(hours=abs(int(zone_hours)), minutes=int(zone_minutes or 0))
            local = local + offset if zone_hours.startswith("-") else local - offset
        return cls(
            f"{local:%Y-%m-%dT%H:%M:%S}.{_fraction(fraction)}Z" if local.year > 999 else _small_year(local, fraction)
        )

    @classmethod
    def of_epoch(cls, seconds: int, nanoseconds: int = 0) -> Timestamp:
        """The instant *seconds* and *nanoseconds* (0 to 999,999,999) after 1970."""
        return cls(f"{_whole_second(seconds)}.{_fraction(f'{nanoseconds:09d}')}Z")

    @classmethod
    def now(cls) -> Timestamp:
        seconds, nanoseconds = divmod(time.time_ns(), _NANOS)
        return cls.of_epoch(seconds, nanoseconds)

    @property
    def seconds(self) -> int:
        """Whole seconds since 1970, rounded down."""
        if not self._is_far:
            return int((self.moment - _EPOCH).total_seconds())
        year, rest = self._year_and_rest()
        cycles, stand_in = divmod(year - _STAND_IN, _CYCLE_YEARS)
        near = Timestamp(f"{stand_in + _STAND_IN}{rest}")
        return near.seconds + cycles * _CYCLE_S

    @property
    def nanoseconds(self) -> int:
        """Nanoseconds of the second."""
        return int(self.text[self.text.index(".") + 1 : -1].ljust(9, "0"))

    @property
    def moment(self) -> datetime:
        """The whole second, as a datetime in UTC; one beyond Python's years tells the year alone as it is."""
        if not self._is_far:
            return datetime.fromisoformat(self.text[:19] + "+00:00")
        year, rest = self._year_and_rest()
        stand_in = (year - _STAND_IN) % _CYCLE_YEARS + _STAND_IN
        moment = _FarMoment.fromisoformat(f"{stand_in}{rest[:15]}+00:00")
        moment.beyond = year - stand_in
        return moment

    @property
    def _is_far(self) -> bool:
        return self.text[4] != "-" or self.text.startswith("0000")

    def _year_and_rest(self) -> tuple[int, str]:
        end = self.text.index("-", 1)
        return int(self.text[:end]), self.text[end:]

    def _key(self) -> tuple[str, str]:
        return self.text[:-1].partition(".")[0], self.text[:-1].partition(".")[2].ljust(9, "0")

    def __eq__(self, other: object) -> bool:
        return other.__class__ is Timestamp and self._key() == other._key()

    def __lt__(self, other: Timestamp) -> bool:
        if self._is_far or other._is_far:
            return (self.seconds, self.nanoseconds) < (other.seconds, other.nanoseconds)
        return self._key() < other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Timestamp({self.text!r})"


def _remember_minute(minute: str) -> None:
    if len(_minutes) >= _MOST_MINUTES:
        _minutes.clear()
    _minutes.add(minute)


class _FarMoment(datetime):
    """A datetime whose year lies *beyond* the one that it is reckoned in."""

    beyond = 0

    @property
    def year(self) -> int:
        return int(datetime.year.__get__(self)) + self.beyond


@lru_cache(maxsize=256)  # many events have the same second
def _whole_second(seconds: int) -> str:
    cycles, rest = divmod(seconds, _CYCLE_S)
    moment = _EPOCH + timedelta(seconds=rest)
    return f"{_year_text(moment.year + cycles * _CYCLE_YEARS)}-{moment:%m-%dT%H:%M:%S}"


def _year_text(year: int) -> str:
    """A year as ISO 8601 has it."""
    return f"{year:04d}" if 0 <= year <= 9999 else f"{year:+06d}" if year > 9999 else f"{year:05d}"


def _fraction(digits: str | None) -> str:
    """Three digits at least, then no zero at the end."""
    return "000" if not digits else digits.rstrip("0").ljust(_LEAST_DIGITS, "0")


def _small_year(local: datetime, fraction: str | None) -> str:
    return f"{local.year:04d}-{local:%m-%dT%H:%M:%S}.{_fraction(fraction)}Z"
