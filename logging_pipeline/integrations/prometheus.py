"""``/metrics`` of a Django process: for this machine, or for who holds the token."""

from __future__ import annotations

import secrets
from ipaddress import ip_address

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from logging_pipeline.metrics import CONTENT_TYPE, exposition
from logging_pipeline.settings import configured

__all__ = ["metrics"]


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """
    Prometheus' text format; 404 for everybody else, who need not know that it is there.

    The peer's own address counts, never a header; behind a proxy on this machine set ``metrics_token``.
    """
    if not _may_read(request):
        return HttpResponse(status=404)
    return HttpResponse(exposition(), content_type=CONTENT_TYPE)


def _may_read(request: HttpRequest) -> bool:
    token = configured().metrics_token
    if token:
        given = request.headers.get("Authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {token}".encode())
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False  # a proxy on this machine speaks for somebody elsewhere
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
