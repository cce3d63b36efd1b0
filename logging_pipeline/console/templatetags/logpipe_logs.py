"""How the log pages write cells, and links that carry a search on."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from logging_pipeline.console.columns import Cell, Column, known
from logging_pipeline.console.event import Event
from logging_pipeline.console.filters import FieldFilter
from logging_pipeline.console.search import Search
from logging_pipeline.contract import contract

__all__ = ["register"]

register = template.Library()


@register.simple_tag
def cell(column: Column, event: Event) -> Cell:
    """What *event* has in *column*."""
    return column.cell(event)


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
    return f"{reverse(f'logpipe_console:{name}')}?{urlencode(parameters, errors='replace')}"
