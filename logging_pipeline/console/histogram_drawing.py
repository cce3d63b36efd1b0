"""The bars of a histogram as HTML, and their numbers as a table's rows; each leads to the search in its own time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from django.utils import timezone
from django.utils.safestring import SafeString

from logging_pipeline.console.histogram import Bar
from logging_pipeline.console.templatetags.logpipe_console import level_class, thousands
from logging_pipeline.dashboards.markup import join

__all__ = ["bars", "numbers"]

LinkedBar = tuple[Bar, str]
_PALE = SafeString(' class="partial"')
_NOTHING = SafeString("")


def bars(linked: Sequence[LinkedBar]) -> SafeString:
    """What stands in the ``svg``: a link a bar, with its numbers as its title."""
    zone = timezone.get_current_timezone()
    return join(
        '<a href="{}" tabindex="-1"{}><title>{}</title><rect class="hit" x="{:g}" y="0" width="{:g}" height="100"/>{}'
        "</a>",
        (
            (
                link,
                _PALE if bar.partial else _NOTHING,
                "\n".join(_said(bar, zone)),
                bar.x,
                bar.width,
                _segments(bar),
            )
            for bar, link in linked
        ),
    )


def numbers(linked: Sequence[LinkedBar]) -> SafeString:
    """A table's rows of those bars that count something."""
    zone = timezone.get_current_timezone()
    return join(
        '<tr><td><a href="{}">{}</a>{}</td><td>{}</td><td>{}</td></tr>',
        (
            (
                link,
                _stamp(bar.start, zone),
                " (partly)" if bar.partial else "",
                thousands(bar.count),
                ", ".join(_by_level(bar)),
            )
            for bar, link in linked
            if bar.count
        ),
    )


def _said(bar: Bar, zone: tzinfo) -> Iterator[str]:
    partly = " (partly in the range)" if bar.partial else ""
    yield f"{_stamp(bar.start, zone)} \N{EN DASH} {_stamp(bar.end, zone)}{partly}: {thousands(bar.count)}"
    yield from _by_level(bar)


def _by_level(bar: Bar) -> Iterator[str]:
    return (f"{part.level} {thousands(part.count)}" for part in bar.segments)


def _segments(bar: Bar) -> SafeString:
    return join(
        '<rect class="{}" x="{:g}" y="{:g}" width="{:g}" height="{:g}"/>',
        ((level_class(part.level), bar.x, part.y, bar.width, part.height) for part in bar.segments),
    )


def _stamp(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
