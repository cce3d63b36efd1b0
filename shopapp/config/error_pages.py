"""Pages for when something went wrong; each shows the request's id, so that a shopper can quote it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

__all__ = ["bad_request", "csrf_failure", "forbidden", "locked_out", "not_found", "server_error"]


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the browser sent what no page of ours would send."""
    return _page(request, 400, "That request made no sense to us", "Please go back and try again.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the page exists, for somebody else."""
    return _page(request, 403, "This page is for staff only", "Your account may not see it.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was too old, or did not come from us."""
    return _page(request, 403, "This form has expired", "Please go back, load the page again and send it once more.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or a product that we no longer sell."""
    return _page(request, 404, "We looked on every shelf", "There is no such page, or we no longer sell it.")


def locked_out(request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """429: too many wrong passwords for one account from one address; django-axes counted them."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    return _page(request, 429, "Too many attempts", f"Log-in is locked for {minutes} minutes. Your account is safe.")


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. Touches no database and no session, for those may be what failed."""
    return _page(request, 500, "Something broke on our side", "Our people were told. Please try again in a moment.")


def _page(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    context: dict[str, Any] = {
        "status": status,
        "title": title,
        "advice": advice,
        "shop_name": settings.SHOP_NAME,
        "request_id": getattr(request, "request_id", ""),
    }
    return HttpResponse(render_to_string("error.html", context), status=status)
