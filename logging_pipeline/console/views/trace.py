"""Everything with one trace: a request, the tasks it started, and what they logged, in time and across programs."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from logging_pipeline.console import selectors
from logging_pipeline.console.access import VIEW_LOGS, categories_for, viewer
from logging_pipeline.console.responses import page, show
from logging_pipeline.console.store import store
from logging_pipeline.console.timerange import iso
from logging_pipeline.console.waterfall import waterfall

__all__ = ["trace"]

_MARGIN = timedelta(seconds=1)  # a range does not hold its end


@require_safe
@page(VIEW_LOGS)
def trace(request: HttpRequest) -> HttpResponse:
    """The events of the trace ``id`` in the order in which they began."""
    trace_id = request.GET.get("id", "")
    found = selectors.trace(store(), trace_id, categories_for(viewer(request)))
    if not found.events:
        return show(request, "absent.html", {"what": "trace", "id": trace_id}, status=404)
    fall = waterfall(found.events)
    end = fall.start + fall.span + _MARGIN
    context = {
        "active": "Logs",
        "trace_id": trace_id,
        "found": found,
        "fall": fall,
        "limit": selectors.TRACE_EVENTS,
        "search_link": urlencode({"trace": trace_id, "from": iso(fall.start), "to": iso(end)}),
    }
    return show(request, "trace.html", context)
