"""One event with all its fields, and what happened next to it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from logging_pipeline.console import selectors
from logging_pipeline.console.access import VIEW_ERRORS, VIEW_LOGS, aside_for, categories_for, viewer
from logging_pipeline.console.columns import columns
from logging_pipeline.console.event_fields import grouped
from logging_pipeline.console.problems import BadParameter
from logging_pipeline.console.responses import page, show
from logging_pipeline.console.search import Search
from logging_pipeline.console.store import store
from logging_pipeline.console.text import as_json
from logging_pipeline.console.timerange import TimeRange
from logging_pipeline.contract import contract

__all__ = ["around", "event"]

PART_HEADER = "X-Logpipe-Part"  # the console's script asks for the event alone, to show it beside the list


@require_safe
@page(VIEW_LOGS)
def event(request: HttpRequest) -> HttpResponse:
    """Every field of the event ``id``, in groups, and its JSON."""
    found = selectors.event(store(), request.GET.get("id", ""), _readable(request))
    if found is None:
        return _absent(request)
    alone = PART_HEADER in request.headers
    search = _search(request)
    context = {
        "active": "Logs",
        "alone": alone,
        "event": found,
        "groups": grouped(found, contract()),
        "json": as_json(found.source),
        "search": search or Search(TimeRange.reaching(found.time, now=timezone.now())),
        "kept": search is not None,
        "sees_errors": viewer(request).has_perm(VIEW_ERRORS),
    }
    response = show(request, "event_part.html" if alone else "event.html", context)
    patch_vary_headers(response, [PART_HEADER])
    return response


@require_safe
@page(VIEW_LOGS)
def around(request: HttpRequest) -> HttpResponse:
    """The events just before and just after the event ``id``, of all categories that the viewer may see."""
    allowed = categories_for(viewer(request))
    middle = selectors.event(store(), request.GET.get("id", ""), _readable(request))
    if middle is None:
        return _absent(request)
    found = selectors.around(store(), middle, allowed)
    context = {
        "active": "Logs",
        "event": middle,
        "rows": [*found.later, middle, *found.earlier],
        "columns": [(column, None) for column in columns(contract(), ())],
        "count": selectors.AROUND_EVENTS,
    }
    return show(request, "around.html", context)


def _search(request: HttpRequest) -> Search | None:
    """The search that found the event, where its address says one that can be read."""
    if "from" not in request.GET:
        return None
    try:
        return Search.parse(request.GET, contract(), now=timezone.now(), zone=timezone.get_current_timezone())
    except BadParameter:
        return None


def _readable(request: HttpRequest) -> tuple[str, ...]:
    return (*categories_for(viewer(request)), *aside_for(viewer(request)))


def _absent(request: HttpRequest) -> HttpResponse:
    """The same answer whether there is no such event or the viewer may not see its category."""
    return show(request, "absent.html", {"what": "event", "id": request.GET.get("id", "")}, status=404)
