"""
What drawings over time are made of: scales that begin at zero, legends, axes, and the table beneath every chart.

No style and no script in what is made here, so that a page may forbid both: colours are classes, ``series-0`` and on.
A script may draw a chart anew from what `frame` says in ``data-chart``; without one the SVG stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo
from functools import lru_cache
from typing import Literal, NamedTuple

import orjson
from django.utils.safestring import SafeString

from logging_pipeline.dashboards.markup import escaped, filled, join
from logging_pipeline.dashboards.model import Unit
from logging_pipeline.dashboards.series import Point, Series
from logging_pipeline.dashboards.table import Row, Table
from logging_pipeline.dashboards.units import moment, number, time_text
from logging_pipeline.dashboards.unseen import plain
from logging_pipeline.dashboards.window import Window

__all__ = [
    "HEIGHT",
    "WIDTH",
    "View",
    "axis",
    "frame",
    "linked",
    "narrowed",
    "note",
    "rest",
]

WIDTH, HEIGHT = 1_000.0, 100.0  # units of a drawing; the page's style stretches it
TICKS = 7  # at most, at round times

AGAIN = SafeString(' tabindex="-1" aria-hidden="true"')
Kind = Literal["line", "area", "bars"]


@dataclass(frozen=True, slots=True)
class View:
    """
    Where a drawing stands: its time, the reader's zone, and where clicks lead; an empty address leads nowhere.

    Args:
        link: from a row to its events, or to another dashboard. A key of a row that is None stands for all.
        narrow: from a row to the same dashboard, narrowed to the row's values.
    """

    window: Window
    zone: tzinfo = UTC
    link: Callable[[Row], str] = lambda _row: ""
    narrow: Callable[[Row], str] = lambda _row: ""


def frame(table: Table, view: View, top: float, kind: Kind, series: Sequence[Series], marks: SafeString) -> SafeString:
    """A chart over time around its *marks*: legend, top of the scale, time axis, width of a bucket, the numbers."""
    unit = series[0].measure.unit if series else "number"
    buckets = _buckets(series, view)
    return filled(
        '<div class="chart" data-chart="{}"><div class="legend">{}</div><div class="plot"><span class="top-of-scale">'
        '{}</span><svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label="Chart; the numbers '
        'are in the table below"><line class="grid" x1="0" x2="1000" y1="0.5" y2="0.5"/><line class="grid" x1="0" '
        'x2="1000" y1="50" y2="50"/>{}{}<line class="base" x1="0" x2="1000" y1="99.5" y2="99.5"/></svg>{}</div>{}{}'
        "</div>",
        _for_script(kind, view, series),
        join(
            '<span class="{}"><i></i>{}</span>',
            ((line.colour, narrowed(Row((*line.group, None), ()), line.label, view)) for line in series),
        ),
        number(top, unit),
        _columns(buckets, series),
        marks,
        axis(view),
        note(table, view, partial=any(point.partial for line in series[:1] for point in line.points)),
        _numbers(table, buckets, series),
    )


def note(table: Table, view: View, *, partial: bool = False, more: Iterable[str] = ()) -> SafeString:
    """How wide a bucket is, what pale means, what is not shown."""
    notes = [f"one step = {view.window.bucket[1]}", *(["pale: only partly in the range"] if partial else []), *more]
    return filled('<p class="note">{}</p>{}', "; ".join(notes), rest(table))


def rest(table: Table) -> SafeString:
    """How many events are in groups beyond those shown; nothing when there are none."""
    events = "event" if table.not_shown == 1 else "events"
    more = f"{table.not_shown:,} {events} of other values not shown" if table.not_shown else ""
    return filled('<p class="note">{}</p>', more) if more else SafeString("")


def linked(row: Row, content: str | SafeString, view: View, *, again: bool = False) -> SafeString:
    """
    *content*, as a link to what *row* stands for, where there is one.

    Args:
        again: the same link stands beside it in words: keyboards and screen readers pass by.
    """
    target = view.link(row)
    if not target:
        return filled("{}", content)
    return filled('<a href="{}"{}>{}</a>', target, AGAIN if again else "", content)


def narrowed(row: Row, content: str | SafeString, view: View, *, again: bool = False) -> SafeString:
    """*content*, as a link that narrows the dashboard to *row*, else as `linked`."""
    target = view.narrow(row)
    if not target:
        return linked(row, content, view, again=again)
    pattern = '<a class="narrow" href="{}" title="Narrow the dashboard to this"{}>{}</a>'
    return filled(pattern, target, AGAIN if again else "", content)


class _Bucket(NamedTuple):
    """
    What the area over a bucket and its line of the table both say, all of it escaped.

    Args:
        target: where its events are; empty: nowhere.
        values: one for each series, as people read them.
    """

    when: str
    target: str
    values: list[str]


def _buckets(series: Sequence[Series], view: View) -> list[_Bucket]:
    units = [line.measure.unit for line in series]
    return [
        _Bucket(
            _when(at[0], view),
            escaped(view.link(_everything(at[0], series[0]))),
            [_written(p.value, unit, view.zone) for p, unit in zip(at, units, strict=True)],
        )
        for at in zip(*(line.points for line in series), strict=True)
    ]


@lru_cache(maxsize=4_096)  # zeros and small counts are most of what a page has
def _written(value: float | None, unit: Unit, zone: tzinfo) -> str:
    return escaped(number(value, unit, zone))


def _columns(buckets: Sequence[_Bucket], series: Sequence[Series]) -> SafeString:
    """Over every bucket an area that says its numbers and leads to its events."""
    step = WIDTH / max(1, len(buckets))
    labels, newline = [escaped(line.label) for line in series], "\n"
    areas = (
        f'<rect class="hit" x="{n * step:.2f}" y="0" width="{step:.2f}" height="100"><title>'
        f"{newline.join([bucket.when, *map(': '.join, zip(labels, bucket.values, strict=True))])}</title></rect>"
        for n, bucket in enumerate(buckets)
    )
    return SafeString("".join([_around(bucket, area, AGAIN) for bucket, area in zip(buckets, areas, strict=True)]))


def _numbers(table: Table, buckets: Sequence[_Bucket], series: Sequence[Series]) -> SafeString:
    """The same as a table that unfolds: what a chart cannot say exactly, and what a screen reader reads."""
    head = join('<th scope="col">{}</th>', ((line.label,) for line in series))
    line = "".join(['<tr><th scope="row">{}</th>', *(['<td class="number">{}</td>'] * len(series)), "</tr>"]).format
    return filled(
        '<details class="numbers"><summary>As a table</summary><table><thead><tr><th scope="col">{}</th>{}</tr>'
        "</thead><tbody>{}</tbody></table></details>",
        table.dimensions[-1],
        head,
        SafeString("".join([line(_around(bucket, bucket.when), *bucket.values) for bucket in buckets])),
    )


def _around(bucket: _Bucket, content: str, more: str = "") -> str:
    """*content*, escaped, as a link to the events of *bucket*, where there is one."""
    return f'<a href="{bucket.target}"{more}>{content}</a>' if bucket.target else content


def _everything(point: Point, line: Series) -> Row:
    """All groups of a bucket."""
    return Row((*(None for _key in line.group), point.start_ms), ())


def _when(point: Point, view: View) -> str:
    return time_text(point.start_ms, view.zone) + (" (partly in the range)" if point.partial else "")


def _for_script(kind: Kind, view: View, series: Sequence[Series]) -> str:
    """What a script needs to draw the same: numbers, colours, and where each series leads; times in milliseconds."""
    starts = view.window.starts_ms
    return orjson.dumps(
        {
            "kind": kind,
            "unit": series[0].measure.unit if series else "number",
            "start": starts[0],
            "width": starts.step,
            "count": len(starts),
            "window": view.window.iso,
            "series": [
                {
                    "label": plain(line.label),
                    "values": [None if p.value is None else round(p.value, 6) for p in line.points],
                    "link": view.link(Row((*line.group, None), ())),
                }
                for line in series
            ],
        }
    ).decode()


def axis(view: View) -> SafeString:
    """What the clock says below a drawing over time."""
    return _axis(view.window, view.zone)


@lru_cache(maxsize=64)  # the charts of a page have the same
def _axis(window: Window, zone: tzinfo) -> SafeString:
    ticks = join('<text x="{}%" y="13">{}</text>', _ticks(window, zone))
    return filled('<svg class="axis" aria-hidden="true">{}</svg>', ticks)


def _ticks(window: Window, zone: tzinfo) -> Iterator[tuple[str, str]]:
    """Where, and what the clock says there: with the date where the window is longer than a day."""
    starts, (step_ms, _words) = window.starts_ms, window.width_for(TICKS)
    span = window.end - window.start
    form = "%m-%d %H:%M" if span > timedelta(days=1) else "%H:%M" if span > timedelta(minutes=10) else "%H:%M:%S"
    for n, start in enumerate(starts):
        if start % step_ms == 0:
            yield f"{100 * n / len(starts):.2f}", moment(start, zone).strftime(form)
