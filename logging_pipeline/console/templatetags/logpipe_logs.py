"""How the log pages write cells, and links that carry a search on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from logging_pipeline.console import event_rows as rows
from logging_pipeline.console import histogram_drawing
from logging_pipeline.console.address import encoded
from logging_pipeline.console.columns import Column, known
from logging_pipeline.console.event import Event
from logging_pipeline.console.filters import FieldFilter
from logging_pipeline.console.histogram import Bar
from logging_pipeline.console.search import Search
from logging_pipeline.contract import contract
from logging_pipeline.dashboards.markup import join

__all__ = ["register"]

register = template.Library()


@register.simple_tag
def event_rows(
    events: Sequence[Event], columns: Sequence[tuple[Column, object]], search: Search | None, current: str
) -> SafeString:
    """The rows of a list of *events*; *columns* as the list's head has them, with what can be done with each."""
    return rows.event_rows(events, [column for column, _moves in columns], search, current)


@register.simple_tag
def histogram_bars(bars: Sequence[tuple[Bar, str]]) -> SafeString:
    """The drawing of *bars*, each with the link to its time."""
    return histogram_drawing.bars(bars)


@register.simple_tag
def histogram_numbers(bars: Sequence[tuple[Bar, str]]) -> SafeString:
    """What `histogram_bars` draws, as the rows of a table."""
    return histogram_drawing.numbers(bars)


@register.simple_tag
def field_options() -> SafeString:
    """An ``option`` for every field that the contract has."""
    return join('<option value="{}"></option>', ((name,) for name in sorted(contract().fields)))


@register.simple_tag
def opened_url(event_id: str, search: Search | None) -> str:
    """The page of an event that was found by *search*, which its links go on with."""
    return _url("event", [("id", event_id), *(_lasting(search) if search else [])])


@register.simple_tag
def narrowed_url(search: Search, given: str, exclude: bool = False) -> str:
    """*search* with one more filter, or without the value; *given* is a parameter ``filter``."""
    field, _, value = given.partition(":")
    return f"{reverse('logpipe_console:logs')}{search.filtered(FieldFilter(field, value, exclude)).link}"


@register.simple_tag
def column_url(search: Search, name: str) -> str:
    """*search* with the column *name*, or without it."""
    return f"{reverse('logpipe_console:logs')}{search.column_toggled(name).link}"


@register.simple_tag
def group_url(key: str) -> str:
    """The page of a group of errors."""
    return _url("error", [("id", key)])


@register.filter
def at(mapping: dict[str, int], name: str) -> int:
    """The value under *name*."""
    return mapping[name]


@register.filter
def ago(moment: datetime, now: datetime) -> str:
    """How long before *now*, in one unit: ``3 min ago``."""
    seconds = max(0, round((now - moment).total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length or (unit == "min" and seconds >= length):
            return f"{seconds // length} {unit} ago"
    return f"{seconds} s ago"


@register.filter
def can_be_column(name: str) -> bool:
    """Whether the list has a column for the field *name*."""
    return known(contract(), name)


@register.filter
def is_column(search: Search, name: str) -> bool:
    """Whether *search* shows the field *name*."""
    return name in search.shown_columns


def _lasting(search: Search) -> list[tuple[str, str]]:
    return [(name, value) for name, value in search.pairs if name != "after"]


def _url(name: str, parameters: list[tuple[str, str]]) -> str:
    return f"{reverse(f'logpipe_console:{name}')}?{encoded(parameters)}"
