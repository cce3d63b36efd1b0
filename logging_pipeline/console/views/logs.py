"""The log search: newest events, narrowed by what the URL says, and how they spread over time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from logging_pipeline.console import export, selectors
from logging_pipeline.console.access import (
    ASIDE,
    EXPORT_LOGS,
    SHARE_SEARCHES,
    VIEW_LOGS,
    aside_for,
    categories_for,
    viewer,
)
from logging_pipeline.console.asked import Closed, asked, usable
from logging_pipeline.console.columns import MAX_COLUMNS, Column, columns
from logging_pipeline.console.histogram import Bar
from logging_pipeline.console.picker import Choice, ranges
from logging_pipeline.console.problems import BadParameter
from logging_pipeline.console.responses import page, show
from logging_pipeline.console.saved_search import MAX_NAME_CHARS
from logging_pipeline.console.search import MAX_TEXT_CHARS, Search
from logging_pipeline.console.searches import searches_of
from logging_pipeline.console.store import store
from logging_pipeline.console.timerange import RELATIVE, TimeRange, iso
from logging_pipeline.contract import contract
from logging_pipeline.settings import LEVELS

__all__ = ["logs"]


@require_safe
@page(VIEW_LOGS)
def logs(request: HttpRequest) -> HttpResponse:
    """The newest events that the viewer may see."""
    try:
        search, categories = asked(request)
    except BadParameter as problem:
        return show(request, "logs.html", {**_controls(request, usable(request)), "bad": problem}, status=400)
    except Closed as closed:
        return show(request, "denied.html", {"permission": closed.permission}, status=403)
    found = selectors.newest(store(), search, categories, contract())
    context = {
        **_controls(request, search),
        "found": found,
        "older": search.but(time=search.time.frozen, after=found.older).link if found.older else "",
        "bars": [(bar, _within(search, bar).link) for bar in found.histogram.bars] if found.histogram else [],
        "wider": _wider(search, timezone.now()),
    }
    return show(request, "logs.html", context)


def _controls(request: HttpRequest, search: Search) -> dict[str, object]:
    """The choices, each as a link that keeps everything else."""
    user = viewer(request)
    allowed, aside = categories_for(user), aside_for(user)
    described = {**{category.name: category.description for category in contract().categories}, **ASIDE}
    return {
        "active": "Logs",
        "search": search,
        "allowed": allowed,
        "limit": MAX_TEXT_CHARS,
        "time": search.time,
        "kept": [(name, value) for name, value in search.pairs if name not in ("from", "to", "after")],
        "ranges": ranges(search.time, lambda time: search.but(time=time).link),
        "categories": [
            Choice(name, described[name], search.toggled("categories", name).link, name in search.categories)
            for name in (*allowed, *aside)
        ],
        "levels": [
            Choice(name, "", search.toggled("levels", name).link, name in search.levels) for name in reversed(LEVELS)
        ],
        "filters": [(f, search.but(filters=tuple(o for o in search.filters if o != f)).link) for f in search.filters],
        "without_trace": search.but(trace="").link,
        "without_after": search.but().link,
        "everything": search.but(text="", categories=(), levels=(), trace="", filters=()).link,
        "columns": [(column, _moves(search, column)) for column in columns(contract(), search.columns)],
        "columns_reset": replace(search, columns=()).link,
        "columns_full": len(search.columns) >= MAX_COLUMNS,
        "export": search.but().link if user.has_perm(EXPORT_LOGS) else "",
        "export_limit": export.MAX_EVENTS,
        "searches": searches_of(request),
        "me": request.user.pk,
        "may_share": user.has_perm(SHARE_SEARCHES),
        "name_limit": MAX_NAME_CHARS,
    }


def _moves(search: Search, column: Column) -> dict[str, str]:
    return {
        "without": search.column_toggled(column.name).link,
        "left": search.column_moved(column.name, -1).link,
        "right": search.column_moved(column.name, 1).link,
    }


def _within(search: Search, bar: Bar) -> Search:
    return search.but(time=TimeRange(iso(bar.start), iso(bar.end), bar.start, bar.end))


def _wider(search: Search, now: datetime) -> list[Choice]:
    """The ranges of the picker that reach further back than *search* does, for when it finds nothing."""
    reaching = (
        (text, words, TimeRange.parse(text, "now", now=now, zone=UTC).start) for text, _label, words in RELATIVE
    )
    return [
        Choice(text, words, search.but(time=replace(search.time, start_text=text, end_text="now")).link, False)
        for text, words, start in reaching
        if start < search.time.start
    ]
