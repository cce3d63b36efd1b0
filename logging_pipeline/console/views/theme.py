"""Light or dark: a cookie, so that the choice holds without a script and without a table."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from logging_pipeline.console.responses import THEME_COOKIE, THEMES, page

__all__ = ["choose"]

_YEAR_S = 365 * 86_400


@require_POST
@page()
def choose(request: HttpRequest) -> HttpResponseRedirect:
    """Keep the theme that was chosen and go back to the page it was chosen on."""
    home = reverse("logpipe_console:home")
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = redirect(back if safe else home)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        secure = request.is_secure()
        response.set_cookie(
            THEME_COOKIE, theme, max_age=_YEAR_S, path=home, samesite="Lax", httponly=True, secure=secure
        )
    return response
