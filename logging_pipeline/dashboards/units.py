"""Numbers as people read them: 1,234; 12.3 ms; 3.4 %; €1,234.56."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo
from functools import lru_cache, partial

from logging_pipeline.dashboards.model import CURRENCIES, Unit
from logging_pipeline.dashboards.table import Key, Value

__all__ = ["key_text", "moment", "number", "time_text", "top_of_scale"]

NOTHING = "-"  # there is nothing to measure, which is not 0


def number(value: Value, unit: Unit = "number", zone: tzinfo = UTC) -> str:
    """*value* as people read it; a dash where there is nothing to measure."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value
    return time_text(value, zone) if unit == "time" else _WRITERS[unit](value)


def key_text(key: Key, zone: tzinfo = UTC) -> str:
    """A row's key: a time in the reader's zone, anything else as it is."""
    return time_text(key, zone) if isinstance(key, int) else key or ""


@lru_cache(maxsize=1_024)  # the charts of a page have the same buckets
def time_text(ms: float, zone: tzinfo) -> str:
    """Milliseconds since 1970 as date and time to the second."""
    return moment(ms, zone).isoformat(" ", "seconds")[:19]  # without the zone


def moment(ms: float, zone: tzinfo) -> datetime:
    """Milliseconds since 1970 as a time in *zone*."""
    return datetime.fromtimestamp(ms / 1000, zone)


def top_of_scale(values: Iterable[float | None]) -> float:
    """A round number that no value exceeds; a scale goes from 0 to it."""
    highest = max((v for v in values if v is not None), default=0.0)
    if highest <= 0:
        return 1.0
    magnitude = 10.0 ** math.floor(math.log10(highest))
    return next(magnitude * factor for factor in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if magnitude * factor >= highest)


def _three(value: float) -> str:
    """Three digits that count, and never an exponent."""
    size = abs(value)
    text = f"{value:,.0f}" if size >= 99.95 else f"{value:.1f}" if size >= 9.995 else f"{value:.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else _three(value) if abs(value) >= 0.01 else f"{value:.3g}"


def _percent(value: float) -> str:
    return "< 0.01 %" if 0 < value < 0.000_1 else f"{_three(100 * value)} %"


def _duration(ns: float) -> str:
    for size, unit in ((86_400e9, "d"), (3_600e9, "h"), (60e9, "min"), (1e9, "s"), (1e6, "ms"), (1e3, "µs")):
        if ns >= size:
            return f"{_three(ns / size)} {unit}"
    return f"{ns:.0f} ns" if ns else "0"


def _money(sign: str, cents: float) -> str:
    return f"{'-' if cents < 0 else ''}{sign}{abs(cents) / 100:,.2f}"


def _bytes(value: float) -> str:
    for size, unit in ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if value >= size:
            return f"{_three(value / size)} {unit}"
    return f"{value:.0f} B"


_WRITERS: dict[Unit, Callable[[float], str]] = {
    "number": _plain,
    "percent": _percent,
    "ns": _duration,
    "bytes": _bytes,
    **{unit: partial(_money, sign) for unit, sign in CURRENCIES.items()},
}
