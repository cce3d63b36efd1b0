"""Views and tasks that log all that they are given, as careless code does."""

from __future__ import annotations

import logging
import os

import structlog
from celery import Celery
from django.http import HttpRequest, HttpResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.masking.settings")

log = structlog.get_logger()
celery_app = Celery("masking", broker=os.environ.get("MASKING_BROKER", "memory://"))
celery_app.conf.update(task_default_queue="masking", task_ignore_result=True, broker_connection_retry_on_startup=True)
celery_app.set_default()


@celery_app.task(bind=True, max_retries=1, default_retry_delay=0)
def pay(self, sentence: str, **named: str) -> None:
    """Logs its arguments, is tried again, and fails with them."""
    log.info("paying", sentence=sentence, arguments=self.request.argsrepr, named=named, request=repr(self.request))
    raise self.retry(exc=ValueError(f"declined: {sentence} {named!r} {self.request.kwargs}"))


@celery_app.task
def last_word() -> None:
    """Comes after all others."""
    log.info("the worker's last word")


def careless(request: HttpRequest, rest: str) -> HttpResponse:
    """Logs the whole request by every way there is, and fails with it."""
    log.info(
        "asked",
        path=request.get_full_path(),
        headers=dict(request.headers),
        cookies=request.COOKIES,
        form=request.POST.dict(),
        body=request.body,
        meta={key: value for key, value in request.META.items() if key.startswith("HTTP_")},
        request=request,
    )
    logging.getLogger("shop.standard").warning("asked %s with %r and %s", rest, request.POST, request.headers)
    raise ValueError(f"cannot answer {request.build_absolute_uri()} {request.headers!r} {request.POST!r} {rest}")


urlpatterns = [path("<path:rest>", careless)]
