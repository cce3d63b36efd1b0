"""Addresses of the shop."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from logging_pipeline.integrations.prometheus import metrics
from shopapp.config import error_pages


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("", include("shopapp.catalog.urls")),
    path("account/", include("shopapp.accounts.urls")),
    path("cart/", include("shopapp.cart.urls")),
    path("orders/", include("shopapp.orders.urls")),
    path("staff/", include("shopapp.staff.urls")),
    path("ops/", include("logging_pipeline.console.urls")),
    path("favicon.ico", RedirectView.as_view(url=static("shop/mark.svg"))),
    path("metrics", metrics, name="metrics"),
    path("healthz/", healthz, name="healthz"),
]

handler400 = error_pages.bad_request
handler403 = error_pages.forbidden
handler404 = error_pages.not_found
handler500 = error_pages.server_error
