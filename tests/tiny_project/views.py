"""Views that log as any project's do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator

import structlog
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse

from tests.tiny_project import tasks

log = structlog.get_logger()
user_logged_in.disconnect(dispatch_uid="update_last_login")  # there is no database to write it to


def raising_middleware(get_response):
    """Fails outside of every view."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path == "/in-middleware/":
            raise LookupError("in a middleware")
        return get_response(request)

    return middleware


def hello(request: HttpRequest, name: str) -> HttpResponse:
    log.info("greeted", visitor=name)
    logging.getLogger("tiny.standard").warning("greeted %s", name, extra={"shelf": 5})
    return HttpResponse(f"Hello {name}")


def boom(request: HttpRequest) -> HttpResponse:
    raise ValueError("boom")


def missing(request: HttpRequest) -> HttpResponse:
    raise Http404("not here")


def unavailable(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=503)


def stream(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[str]:
        yield "a"
        log.info("between parts")
        yield "b"

    return StreamingHttpResponse(parts())


def broken_stream(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[str]:
        yield "a"
        raise ValueError("in the stream")

    return StreamingHttpResponse(parts())


async def async_hello(request: HttpRequest) -> HttpResponse:
    await log.ainfo("greeted", visitor="async")
    return HttpResponse("Hello")


async def async_stream(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[str]:
        yield "a"
        log.info("between parts")
        yield "b"

    return StreamingHttpResponse(parts())


async def endless(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[str]:
        while True:
            yield "a" * 1_000
            await asyncio.sleep(0.01)

    return StreamingHttpResponse(parts())


async def events(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[str]:
        while True:
            yield "data: something happened\n\n"
            log.info("told")
            await asyncio.sleep(0.01)

    return StreamingHttpResponse(parts(), content_type="text/event-stream")


async def slow(request: HttpRequest) -> HttpResponse:
    log.info("waiting")
    await asyncio.sleep(60)
    return HttpResponse("too late")


def log_in(request: HttpRequest) -> HttpResponse:
    login(request, User(pk=17, username="jane"), backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponse("in")


def who(request: HttpRequest) -> HttpResponse:
    request.session.get("anything")
    log.info("asked")
    return HttpResponse("you")


def eager(request: HttpRequest) -> HttpResponse:
    tasks.fragile.apply(kwargs={"failures": int(request.GET.get("failures", 0))})
    log.info("after the task")
    return HttpResponse("done")


def delay(request: HttpRequest) -> HttpResponse:
    return HttpResponse(getattr(tasks, request.GET["task"]).delay().id)


def queryset(request: HttpRequest) -> HttpResponse:
    log.info("looked", users=User.objects.all(), first=User(pk=3, username="secret name"), asked=request)
    return HttpResponse("ok")
