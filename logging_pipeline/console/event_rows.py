"""
The rows of a list of events, as HTML.

A page has a hundred rows of seven cells: drawn by a template they would take longer than the search itself. Here as
there, every value is escaped, by `markup` or by `text.visible`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from logging_pipeline.console.address import encoded
from logging_pipeline.console.columns import Column
from logging_pipeline.console.event import Event
from logging_pipeline.console.search import Search
from logging_pipeline.console.templatetags.logpipe_console import level_class, plain, took, visible
from logging_pipeline.dashboards.markup import filled

__all__ = ["event_rows"]

_NOTHING = SafeString("")
_CURRENT = SafeString(' aria-current="true"')
_DATE = slice(0, 10)  # of 2026-03-01 12:30:00.123456+01:00
_CLOCK = slice(11, 23)


def event_rows(
    events: Iterable[Event], columns: Sequence[Column], search: Search | None = None, current: str = ""
) -> SafeString:
    """
    A ``tr`` for each of *events*: its time, with the date where it changes, and its *columns*.

    Args:
        search: what the links to the events go on with.
        current: the id of the event to mark.
    """
    return SafeString("\n".join(_rows(events, columns, search, current)))


def _rows(
    events: Iterable[Event], columns: Sequence[Column], search: Search | None, current: str
) -> Iterator[SafeString]:
    zone = timezone.get_current_timezone()
    page, trace_page = reverse("logpipe_console:event"), reverse("logpipe_console:trace")
    lasting = search.but().link.replace("?", "&", 1) if search else ""
    last_date = ""
    drawn: dict[tuple[str, ...], SafeString] = {}
    for event in events:
        stamp = event.time.astimezone(zone).isoformat(sep=" ", timespec="microseconds")
        date = stamp[_DATE]
        yield filled(
            '<tr class="{}"{}><td class="time"><a class="open" href="{}" title="{}">{}<time datetime="{}">{}</time></a>'
            "</td>{}</tr>",
            level_class(event.level),
            _CURRENT if event.id == current else _NOTHING,
            f"{page}?{encoded([('id', event.id)])}{lasting}",
            stamp,
            filled('<span class="day">{}</span> ', date) if date != last_date else _NOTHING,
            event.time.isoformat(),
            stamp[_CLOCK],
            SafeString("".join([_cell(event, column, trace_page, drawn) for column in columns])),
        )
        last_date = date


def _cell(event: Event, column: Column, trace_page: str, drawn: dict[tuple[str, ...], SafeString]) -> SafeString:
    """What *event* has in *column*, from *drawn* where an event before it had the same there, as most have."""
    text = event.text(column.name)
    if column.kind == "message":  # it has the event's error and duration, too
        return _drawn(event, column, text, trace_page)
    content = (column.name, text, event.category)
    if content not in drawn:
        drawn[content] = _drawn(event, column, text, trace_page)
    return drawn[content]


def _drawn(event: Event, column: Column, text: str, trace_page: str) -> SafeString:
    found = column.cell(text)
    return filled(
        '<td class="{}"{}{}>{}</td>',
        column.kind,
        filled(' data-title="{}"', plain(column.name)) if column.untitled else _NOTHING,
        filled(' data-filter="{}"', found.filter) if found.filter else _NOTHING,
        _trace(text, trace_page) if column.kind == "trace" else _INSIDE.get(column.kind, _text)(event, text),
    )


def _text(_event: Event, text: str) -> SafeString:
    return visible(text)


def _level(_event: Event, text: str) -> SafeString:
    return filled('<span class="badge">{}</span>', visible(text or "none"))


def _category(event: Event, _text: str) -> SafeString:
    return visible(event.category)


def _message(event: Event, text: str) -> SafeString:
    error, duration = event.error, event.duration
    return filled(
        "{}{}{}",
        visible(text),
        _NOTHING if duration is None else filled(' <span class="took">{}</span>', took(duration)),
        filled(' <span class="error">{}</span>', visible(error)) if error else _NOTHING,
    )


# What a column of a kind has in its cells; any other has its text.
_INSIDE: dict[str, Callable[[Event, str], SafeString]] = {
    "level": _level,
    "category": _category,
    "message": _message,
}


def _trace(trace_id: str, trace_page: str) -> SafeString:
    if not trace_id:
        return _NOTHING
    return filled(
        '<a href="{}" title="Everything with the trace {}">{}</a>',
        f"{trace_page}?{encoded([('id', trace_id)])}",
        plain(trace_id),
        visible(trace_id[:8]),
    )
