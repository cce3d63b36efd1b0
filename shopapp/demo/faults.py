"""
Faults to find, for a demonstration: middleware that is installed only where ``SHOP_DEMO_FAULTS`` is on.

They are what shops suffer from: a recommendation service that is slow or answers 503, a search index that is being
merged, an archive of orders that is cold. Each strikes by chance, and for certain where a request names it:
``X-Demo-Fault: slow`` or ``X-Demo-Fault: error``.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

__all__ = ["FAULTS", "Fault", "Faults", "ServiceUnavailable"]

HEADER = "X-Demo-Fault"

log = structlog.get_logger("shopapp.demo")


class ServiceUnavailable(Exception):
    """A service that the shop asks for something did not give it."""


class RecommendationsUnavailable(ServiceUnavailable):
    """Nobody says what else one may like."""


class SearchIndexMerging(ServiceUnavailable):
    """The search index answers nobody while it is being merged."""


class OrderArchiveCold(ServiceUnavailable):
    """Old orders lie where reading takes longer than a page may wait."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What may befall a page."""

    service: str
    error: type[ServiceUnavailable]
    slow_share: float
    error_share: float
    slow_s: tuple[float, float]


#         page              service            error                       slow  error  seconds
FAULTS = {
    "catalog:product": Fault("recommendations", RecommendationsUnavailable, 0.03, 0.010, (0.8, 2.2)),
    "catalog:search": Fault("search index", SearchIndexMerging, 0.03, 0.005, (0.6, 1.8)),
    "orders:history": Fault("order archive", OrderArchiveCold, 0.05, 0.010, (1.0, 3.0)),
}


class Faults:
    """Middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Wait, or raise the service's error, before the page is made."""
        fault = FAULTS.get(request.resolver_match.view_name)
        if fault is not None:
            _strike(fault, request.headers.get(HEADER, ""))


def _strike(fault: Fault, wanted: str) -> None:
    dice = random.random()  # noqa: S311  # which visitor is unlucky is no secret
    if wanted == "error" or (not wanted and dice < fault.error_share):
        raise fault.error(f"{fault.service}: the service answered 503")
    if wanted == "slow" or (not wanted and dice < fault.error_share + fault.slow_share):
        wait_s = random.uniform(*fault.slow_s)  # noqa: S311  # as above
        time.sleep(wait_s)
        log.warning("demo.slow_service", service_asked=fault.service, waited_ms=round(wait_s * 1000))
