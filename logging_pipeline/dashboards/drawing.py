"""
What drawings are made of: numbers in words, scales that begin at zero, legends, and the table beneath every chart.

No style and no script in what is made here, so that a page may forbid both: colours are classes, ``series-0`` and on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from logging_pipeline.dashboards.model import Measure, Unit
from logging_pipeline.dashboards.table import Key, Row, Table, Value
from logging_pipeline.dashboards.window import Window

__all__ = [
    "HEIGHT",
    "SERIES",
    "WIDTH",
    "Point",
    "Series",
    "View",
    "frame",
    "join",
    "key_text",
    "linked",
    "number",
    "numbers",
    "rows_table",
    "series_of",
    "top_of_scale",
]

WIDTH, HEIGHT = 1_000.0, 100.0  # units of a drawing; the page's style stretches it
SERIES = 8  # colours that can be told apart
TICKS = 6


@dataclass(frozen=True, slots=True)
class View:
    """Where a drawing stands: its time, the reader's zone, and where a click on a row leads (empty: nowhere)."""

    window: Window
    zone: tzinfo = UTC
    link: Callable[[Row], str] = lambda _row: ""


@dataclass(frozen=True, slots=True)
class Point:
    """One bucket of a series; *row* is what a click on it stands for."""

    start_ms: int
    value: float | None
    partial: bool
    row: Row


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one colour of the bars."""

    label: str
    measure: Measure
    points: tuple[Point, ...]


def series_of(table: Table) -> tuple[Series, ...]:
    """Rows whose last key is a time, as series: one for each group before it, or one for each measure."""
    groups: dict[tuple[Key, ...], list[Row]] = {}
    for row in table.rows:
        groups.setdefault(row.keys[:-1], []).append(row)
    return tuple(
        Series(
            " · ".join([*map(str, group), *([measure.label] if not group or len(table.measures) > 1 else [])]),
            measure,
            tuple(Point(int(row.keys[-1]), _float(row.values[n]), row.partial, row) for row in rows),
        )
        for group, rows in groups.items()
        for n, measure in enumerate(table.measures)
    )


def top_of_scale(values: Iterable[float | None]) -> float:
    """A round number that no value exceeds; a scale goes from 0 to it."""
    highest = max((v for v in values if v is not None), default=0.0)
    if highest <= 0:
        return 1.0
    magnitude = 10.0 ** math.floor(math.log10(highest))
    return next(magnitude * factor for factor in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if magnitude * factor >= highest)


def number(value: Value, unit: Unit = "number", zone: tzinfo = UTC) -> str:
    """*value* as people read it; a dash where there is nothing to measure."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    return _time(value, zone) if unit == "time" else _WRITERS[unit](value)


def key_text(key: Key, zone: tzinfo = UTC) -> str:
    """A row's key: a time in the reader's zone, anything else as it is."""
    return _time(key, zone) if isinstance(key, int) else key


def frame(table: Table, view: View, top: float, unit: Unit, series: Sequence[Series], marks: SafeString) -> SafeString:
    """A chart over time around its *marks*: legend, top of the scale, time axis, width of a bucket, the numbers."""
    partial = any(point.partial for line in series for point in line.points)
    notes = [f"one step = {view.window.bucket[1]}", *(["pale: only partly in the range"] if partial else [])]
    if table.not_shown:
        notes.append(f"{table.not_shown:,} events of other values not shown")
    return format_html(
        '<div class="chart"><div class="legend">{}</div><div class="plot"><span class="top-of-scale">{}</span>'
        '<svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label="Chart; the numbers are in the '
        'table below">{}<line class="base" x1="0" x2="1000" y1="100" y2="100"/></svg>{}</div>'
        '<p class="note">{}</p>{}</div>',
        join('<span class="series-{}"><i></i>{}</span>', ((n % SERIES, line.label) for n, line in enumerate(series))),
        number(top, unit),
        marks,
        _axis(view),
        "; ".join(notes),
        numbers(table, view),
    )


def numbers(table: Table, view: View) -> SafeString:
    """The rows as a table that unfolds: what a chart cannot say exactly, and what a screen reader reads."""
    return format_html('<details class="numbers"><summary>As a table</summary>{}</details>', rows_table(table, view))


def rows_table(table: Table, view: View) -> SafeString:
    """The rows as a table."""
    head = join('<th scope="col">{}</th>', ((t,) for t in (*table.dimensions, *(m.label for m in table.measures))))
    return format_html(
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
        head,
        join("<tr>{}</tr>", ((join("{}", ((c,) for c in _cells(table, row, view))),) for row in table.rows)),
    )


def linked(row: Row, content: str | SafeString, view: View) -> SafeString:
    """*content*, as a link where a click on *row* leads somewhere."""
    target = view.link(row)
    return format_html('<a href="{}">{}</a>', target, content) if target else format_html("{}", content)


def join(pattern: str, rows: Iterable[Sequence[object]]) -> SafeString:
    """*pattern* once for each of *rows*, everything escaped."""
    return format_html_join("", pattern, rows)


def _cells(table: Table, row: Row, view: View) -> Iterator[SafeString]:
    for n, key in enumerate(row.keys):
        content = key_text(key, view.zone) + (" (partly)" if row.partial and isinstance(key, int) else "")
        yield format_html('<th scope="row">{}</th>', linked(row, content, view) if n == 0 else content)
    for measure, value in zip(table.measures, row.values, strict=True):
        yield format_html('<td class="number">{}</td>', number(value, measure.unit, view.zone))


def _axis(view: View) -> SafeString:
    starts = view.window.starts_ms
    step = max(1, round(len(starts) / TICKS))
    day = view.window.end - view.window.start > timedelta(days=1)
    form = "%m-%d %H:%M" if day else "%H:%M"
    return format_html(
        '<svg class="axis" aria-hidden="true">{}</svg>',
        join(
            '<text x="{}%" y="12">{}</text>',
            (
                (f"{100 * n / len(starts):.2f}", _moment(start, view.zone).strftime(form))
                for n, start in enumerate(starts)
                if n % step == 0
            ),
        ),
    )


def _float(value: Value) -> float | None:
    return value if isinstance(value, float) else None


def _moment(ms: float, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(ms / 1000, zone)


def _time(ms: float, zone: tzinfo) -> str:
    return _moment(ms, zone).strftime("%Y-%m-%d %H:%M:%S")


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"


def _duration(ns: float) -> str:
    for size, unit in ((86_400e9, "d"), (3_600e9, "h"), (60e9, "min"), (1e9, "s"), (1e6, "ms"), (1e3, "µs")):
        if ns >= size:
            return f"{ns / size:.3g} {unit}"
    return f"{ns:.0f} ns"


def _bytes(value: float) -> str:
    for size, unit in ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.0f} B"


_WRITERS: dict[Unit, Callable[[float], str]] = {
    "number": _plain,
    "percent": lambda value: f"{100 * value:.3g} %",
    "ns": _duration,
    "bytes": _bytes,
    "cents": lambda value: f"{value / 100:,.2f}",
}
