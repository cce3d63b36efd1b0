"""The search as a file, for those who may take events away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from logging_pipeline.console import export as files
from logging_pipeline.console.access import EXPORT_LOGS
from logging_pipeline.console.asked import Closed, asked
from logging_pipeline.console.audit import told
from logging_pipeline.console.problems import BadParameter
from logging_pipeline.console.responses import page, show
from logging_pipeline.console.store import store
from logging_pipeline.contract import contract

__all__ = ["export"]


@require_safe
@page(EXPORT_LOGS)
def export(request: HttpRequest, format: str) -> HttpResponseBase:  # noqa: A002  # the address' word
    """The newest events of the search as a file; who took what is an audit event."""
    if (form := files.FORMATS.get(format)) is None:
        raise Http404
    try:
        search, categories = asked(request)
    except BadParameter as problem:
        return show(request, "refused.html", {"active": "Logs", "bad": problem}, status=400)
    except Closed as closed:
        return show(request, "denied.html", {"permission": closed.permission}, status=403)
    found = files.pieces(store(), search, categories, contract(), form, max_events=files.MAX_EVENTS)
    told(
        "audit.exported", object_type="events", export_format=format, export_search=search.link,
        export_categories=",".join(categories), export_limit=files.MAX_EVENTS,
    )  # fmt: skip
    response = StreamingHttpResponse(
        _unheld(found) if isinstance(request, ASGIRequest) else found, content_type=form.content_type
    )
    moment = timezone.localtime().strftime("%Y%m%d-%H%M%S")
    response["Content-Disposition"] = f'attachment; filename="events-{moment}.{format}"'
    return response


async def _unheld(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """*pieces* for an ASGI server, each asked for in a thread: Django would collect a plain iterator whole."""
    following = sync_to_async(lambda: next(pieces, None), thread_sensitive=False)
    while (piece := await following()) is not None:
        yield piece
