"""What could be written next in the search box, for the console's script."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from logging_pipeline.console.access import VIEW_ERRORS, VIEW_LOGS, viewer
from logging_pipeline.console.asked import Closed, asked
from logging_pipeline.console.problems import BadParameter
from logging_pipeline.console.responses import page, show
from logging_pipeline.console.search import MAX_TEXT_CHARS
from logging_pipeline.console.store import store
from logging_pipeline.console.text import pieces
from logging_pipeline.console.values import values
from logging_pipeline.contract import contract
from logging_pipeline.kql import Suggestion, complete, spelled

__all__ = ["completions"]


@require_safe
@page()
def completions(request: HttpRequest) -> HttpResponse:
    """
    Fields, operators and values that could stand at the character ``at`` of ``q``.

    Values are those of events that the rest of the address finds, in categories that are open to the viewer; each is
    given as it is to be written, ``text``, and as it can be looked at, ``shown`` (`text.pieces`).
    """
    if not any(viewer(request).has_perm(permission) for permission in (VIEW_LOGS, VIEW_ERRORS)):
        return show(request, "denied.html", {"permission": VIEW_LOGS}, status=403)
    text = request.GET.get("q", "")[:MAX_TEXT_CHARS]
    at = request.GET.get("at", "")
    try:
        search, categories = asked(request, without="q")
    except (BadParameter, Closed):
        return JsonResponse({"start": 0, "end": 0, "suggestions": []}, status=400)
    found = complete(text, int(at) if at.isdecimal() and at.isascii() and len(at) < 6 else len(text), contract())
    suggestions = list(found.suggestions)
    if found.field:
        known = values(store(), search, categories, contract(), found.field, found.typed)
        suggestions = [Suggestion("value", spelled(value), count) for value, count in known] + suggestions
    return JsonResponse(
        {
            "start": found.start,
            "end": found.end,
            "suggestions": [
                {"kind": s.kind, "text": s.text, "shown": pieces(s.text.strip()), "meaning": s.meaning}
                for s in suggestions
            ],
        }
    )
