"""Values brought into the type of their field, where nothing is lost by it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from logging_pipeline.contract.plain import Opaque
from logging_pipeline.sensitive import without_secrets

__all__ = ["FIT", "MAX_KEY_CHARS", "as_key", "as_number", "as_text", "timestamp"]

MAX_KEY_CHARS = 128
INT64 = 1 << 63


def as_text(value: Any) -> str:
    """Any plain value as text; never raises."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]  # narrowed by `kind`
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value) if -_LONGEST < value < _LONGEST else f"<int of {value.bit_length()} bits>"
    if kind is bytes:
        return value.decode("utf-8", "backslashreplace")  # type: ignore[no-any-return]  # narrowed by `kind`
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if kind is timedelta:
        return f"{value.total_seconds()}s"
    return str(value)


_LONGEST = 10**4_000  # Python refuses to print longer ones


def _keyword(value: Any) -> Any:
    if type(value) is list:
        plain = not any(isinstance(v, (dict, list)) for v in value)
        return [as_text(v) for v in value if v is not None] if plain else None
    return None if isinstance(value, (dict, Opaque)) else as_text(value)


def _long(value: Any) -> int | None:
    kind = type(value)
    if kind is float:
        value = int(value) if value.is_integer() else None
    elif kind is str:
        value = int(value) if len(value) < 20 and _INTEGER.fullmatch(value) else None
    elif kind is not int:
        return None
    return value if value is not None and -INT64 <= value < INT64 else None


_INTEGER = re.compile(r"[+-]?[0-9]+")


def as_number(value: Any) -> float | int | None:
    """A finite number within what the index holds, also from text and `Decimal`; else ``None``."""
    kind = type(value)
    if kind is float:
        return value if math.isfinite(value) else None
    if kind is int:
        return value if -INT64 <= value < INT64 else None
    try:
        number = float(value) if kind is str or kind.__name__ == "Decimal" else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _boolean(value: Any) -> bool | None:
    return value if type(value) is bool else None


def _date(value: Any) -> str | None:
    """*value* in UTC, within what Elasticsearch holds in nanoseconds; a time without a zone is taken for UTC."""
    try:
        if type(value) is str:
            value = datetime.fromisoformat(value)
        elif type(value) is date:
            value = datetime(value.year, value.month, value.day, tzinfo=UTC)
        if not isinstance(value, datetime):
            return None
        moment = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment.isoformat() if _FIRST_DATE <= moment < _END_OF_DATES else None


_FIRST_DATE = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_DATES = datetime(2262, 4, 11, tzinfo=UTC)


def _ip(value: Any) -> str | None:
    text = as_text(value)
    return _address(text) if len(text) <= MAX_IP_CHARS else None


MAX_IP_CHARS = 45  # of an IPv6 address that ends in an IPv4 one


@lru_cache(4_096)
def _address(text: str) -> str | None:
    try:
        return str(ip_address(text)) if "%" not in text else None  # an index knows no zones (fe80::1%eth0)
    except ValueError:
        return None


FIT: Mapping[str, Callable[[Any], Any]] = {
    "keyword": _keyword,
    "text": _keyword,
    "flattened": lambda _: None,
    "long": _long,
    "double": as_number,
    "boolean": _boolean,
    "date": _date,
    "date_nanos": _date,
    "ip": _ip,
}
"""By the field's type: what turns a plain value into it, or into ``None`` when it does not fit."""


def as_key(key: Any) -> str:
    """*key* as a name that an index accepts: no control characters, no empty parts, not too long."""
    text = key if type(key) is str else as_text(key)
    if text.isidentifier() and len(text) <= MAX_KEY_CHARS:
        return text
    if len(text) > MAX_KEY_CHARS:  # of a secret that the cut goes through, nobody would know the rest for one
        text = without_secrets(text[: 8 * MAX_KEY_CHARS])[:MAX_KEY_CHARS]
    text = _BAD_IN_KEY.sub("_", text)
    if not text or text[0] == "." or text[-1] == "." or ".." in text:
        text = ".".join(part for part in text.split(".") if part)
    return text or "_"


_BAD_IN_KEY = re.compile(r"[\x00-\x20\x7f-\x9f\ud800-\udfff]")


def timestamp(time_ns: int) -> str:
    """ISO 8601 in UTC with microseconds, of *time_ns* nanoseconds since the epoch."""
    seconds, rest = divmod(time_ns // 1_000, 1_000_000)
    return f"{_second(seconds)}.{rest:06d}Z"


@lru_cache(64)
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
