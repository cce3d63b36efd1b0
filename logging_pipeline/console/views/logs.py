"""The log search: newest events, narrowed by what the URL says, and how they spread over time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from logging_pipeline.console import selectors
from logging_pipeline.console.access import ASIDE, VIEW_LOGS, aside_for, categories_for, category_permission, viewer
from logging_pipeline.console.histogram import Bar
from logging_pipeline.console.problems import BadParameter
from logging_pipeline.console.responses import page, show
from logging_pipeline.console.search import DEFAULT_FROM, MAX_TEXT_CHARS, Search
from logging_pipeline.console.store import store
from logging_pipeline.console.timerange import RELATIVE, TimeRange, iso
from logging_pipeline.contract import contract
from logging_pipeline.settings import LEVELS

__all__ = ["logs"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that changes one thing of the search; *chosen* when it is so already."""

    name: str
    title: str
    link: str
    chosen: bool


@require_safe
@page(VIEW_LOGS)
def logs(request: HttpRequest) -> HttpResponse:
    """The newest events that the viewer may see."""
    now, zone = timezone.now(), timezone.get_current_timezone()
    allowed, aside = categories_for(viewer(request)), aside_for(viewer(request))
    try:
        search = Search.parse(request.GET, contract(), now=now, zone=zone)
    except BadParameter as problem:
        search = Search(
            TimeRange.parse(DEFAULT_FROM, "now", now=now, zone=zone), text=request.GET.get("q", "")[:MAX_TEXT_CHARS]
        )
        return show(request, "logs.html", {**_controls(search, allowed, aside), "bad": problem}, status=400)
    forbidden = [name for name in search.categories if name not in (*allowed, *aside)]
    if forbidden:
        return show(request, "denied.html", {"permission": category_permission(forbidden[0])}, status=403)
    found = selectors.newest(store(), search, search.categories or allowed, contract())
    context = {
        **_controls(search, allowed, aside),
        "found": found,
        "older": search.but(time=search.time.frozen, after=found.older).link if found.older else "",
        "bars": [(bar, _within(search, bar).link) for bar in found.histogram.bars] if found.histogram else [],
        "wider": _wider(search, now),
    }
    return show(request, "logs.html", context)


def _controls(search: Search, allowed: tuple[str, ...], aside: tuple[str, ...]) -> dict[str, object]:
    """The choices, each as a link that keeps everything else."""
    described = {**{category.name: category.description for category in contract().categories}, **ASIDE}
    return {
        "active": "Logs",
        "search": search,
        "allowed": (*allowed, *aside),
        "limit": MAX_TEXT_CHARS,
        "ranges": [
            Choice(label, words, _since(search, text).link, search.time.words == words)
            for text, label, words in RELATIVE
        ],
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
    }


def _since(search: Search, start_text: str) -> Search:
    return search.but(time=replace(search.time, start_text=start_text, end_text="now"))


def _within(search: Search, bar: Bar) -> Search:
    return search.but(time=TimeRange(iso(bar.start), iso(bar.end), bar.start, bar.end))


def _wider(search: Search, now: datetime) -> list[Choice]:
    """The ranges of the picker that reach further back than *search* does, for when it finds nothing."""
    reaching = (
        (text, words, TimeRange.parse(text, "now", now=now, zone=UTC).start) for text, _label, words in RELATIVE
    )
    return [
        Choice(text, words, _since(search, text).link, False)
        for text, words, start in reaching
        if start < search.time.start
    ]
