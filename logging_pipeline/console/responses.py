"""How every page of the console answers: who may come in, what a failure looks like, and what the browser may do."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone

from logging_pipeline.console.access import viewer
from logging_pipeline.console.pages import PAGES, pages_for
from logging_pipeline.errors import ConfigurationError, StoreUnavailable

__all__ = ["THEMES", "THEME_COOKIE", "page", "show"]

THEME_COOKIE = "logpipe_theme"
THEMES = ("auto", "light", "dark")
RETRY_AFTER_S = 10

View = Callable[..., HttpResponseBase]


def page(permission: str = "") -> Callable[[View], View]:
    """
    A view of the console: for staff with *permission*; without Elasticsearch it answers 503 and says what to do.

    Whoever is not logged in is sent to the log-in page, whoever lacks the permission gets 403 and reads which one.
    Without a *permission* it is for all who may open any page.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return _protected(_answer(view, permission, request, *args, **kwargs))

        return answer

    return decorate


def show(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Draw *template* with what every page needs."""
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    shell = {
        "pages": pages_for(viewer(request)),
        "theme": theme if theme in THEMES else "auto",
        "themes": THEMES,
        "who": viewer(request).get_username(),
        "zone": timezone.get_current_timezone_name(),
        "here": request.get_full_path(),
    }
    return render(request, f"logpipe_console/{template}", {**shell, **context}, status=status)


def _answer(view: View, permission: str, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    who = viewer(request)
    if not (who.is_staff and (who.has_perm(permission) if permission else pages_for(who))):
        wanted = permission or " or ".join(each.permission for each in PAGES)
        return show(request, "denied.html", {"permission": wanted}, status=403)
    try:
        return view(request, *args, **kwargs)
    except (ConfigurationError, StoreUnavailable) as error:
        response = show(request, "unavailable.html", {"problem": str(error)}, status=503)
        response["Retry-After"] = str(RETRY_AFTER_S)
        return response


def _protected(response: HttpResponseBase) -> HttpResponseBase:
    """Nothing but the console's own files may run, load, frame or be sent to; nothing of it is kept by caches."""
    own = " ".join(["'self'", *_static_origin()])
    response["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {own}; style-src {own}; img-src {own}; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "DENY"
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


def _static_origin() -> list[str]:
    """Where the project serves its static files from, when that is another host."""
    parts = urlsplit(static("logpipe_console/console.css") if settings.STATIC_URL else "")
    return [f"{parts.scheme or 'https'}://{parts.netloc}"] if parts.netloc else []
