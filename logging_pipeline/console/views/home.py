"""The console's address itself: leads to the first page that the viewer may open."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from logging_pipeline.console.access import viewer
from logging_pipeline.console.pages import pages_for
from logging_pipeline.console.responses import page

__all__ = ["home"]


@require_safe
@page()
def home(request: HttpRequest) -> HttpResponseRedirect:
    """Go to the first page of the navigation."""
    return redirect(pages_for(viewer(request))[0].url_name)
