"""What can be done with saved searches: each a POST that leads back to the log search."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from logging_pipeline.console import searches
from logging_pipeline.console.access import SHARE_SEARCHES, VIEW_LOGS, viewer
from logging_pipeline.console.problems import BadParameter
from logging_pipeline.console.responses import page, show
from logging_pipeline.console.saved_search import SavedSearch

__all__ = ["change", "save"]


@require_POST
@page(VIEW_LOGS)
def save(request: HttpRequest) -> HttpResponse:
    """Keep the search ``state`` under ``name``, and show it."""
    try:
        saved = searches.save(request, request.POST.get("name", ""), request.POST.get("state", ""))
    except BadParameter as problem:
        return _refused(request, problem)
    return redirect(f"{reverse('logpipe_console:logs')}{saved.state}")


@require_POST
@page(VIEW_LOGS)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, share, keep to oneself or delete the search *pk*; it must be the viewer's own."""
    saved = SavedSearch.objects.filter(pk=pk, owner_id=request.user.pk).first()
    if saved is None:
        return show(request, "absent.html", {"what": "saved search of yours", "id": str(pk)}, status=404)
    action = _ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        return _refused(request, BadParameter("action", "is none", f"Choose from {', '.join(_ACTIONS)}"))
    if action is _share and not viewer(request).has_perm(SHARE_SEARCHES):
        return show(request, "denied.html", {"permission": SHARE_SEARCHES}, status=403)
    try:
        action(saved, request)
    except BadParameter as problem:
        return _refused(request, problem)
    return redirect(f"{reverse('logpipe_console:logs')}{saved.state}")


def _rename(saved: SavedSearch, request: HttpRequest) -> None:
    searches.rename(saved, request.POST.get("name", ""))


def _share(saved: SavedSearch, _request: HttpRequest) -> None:
    searches.share(saved, shared=True)


def _keep(saved: SavedSearch, _request: HttpRequest) -> None:
    searches.share(saved, shared=False)


def _delete(saved: SavedSearch, _request: HttpRequest) -> None:
    searches.delete(saved)


_ACTIONS: dict[str, Callable[[SavedSearch, HttpRequest], None]] = {
    "rename": _rename,
    "share": _share,
    "keep": _keep,
    "delete": _delete,
}


def _refused(request: HttpRequest, problem: BadParameter) -> HttpResponse:
    return show(request, "refused.html", {"active": "Logs", "bad": problem}, status=400)
