"""
Django: request context, exactly one ``http.request`` event a request, log-ins, and objects in words.

`RequestMiddleware` belongs first in ``MIDDLEWARE``; it works under WSGI and ASGI.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.signals import got_request_exception
from django.db.models import Model
from django.db.models.manager import BaseManager
from django.db.models.query import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import Promise

from logging_pipeline.contract.field_values import timestamp
from logging_pipeline.contract.plain import REPRESENTED_BY
from logging_pipeline.contract.traceparent import continued
from logging_pipeline.entrance import pipeline
from logging_pipeline.errors import ConfigurationError
from logging_pipeline.integrations.standard_logging import TOLD_OF
from logging_pipeline.journey.bind import LATE, scope

__all__ = ["RequestMiddleware", "client_ip", "connect_signals"]

LOGGER = "logging_pipeline.http"
_EVENT_STREAM = "text/event-stream"  # open as long as somebody watches: its length would say nothing of the server
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class RequestMiddleware:
    """
    Binds the request's context, logs its end, and sends the request id back as ``X-Request-ID``.

    The id is on ``request.request_id``, the W3C trace context on ``request.trace``.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer *request*."""
        if iscoroutinefunction(self.get_response):
            return self._answer_async(request)
        exchange = _Exchange(request)
        with exchange.scope():
            try:
                response: HttpResponseBase = self.get_response(request)
            except asyncio.CancelledError:  # an ASGI server, and a middleware further in that is not asynchronous
                exchange.abandoned()
                raise
            except BaseException as error:
                exchange.failed(error)
                raise
            return exchange.answered(response)

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        exchange = _Exchange(request)
        with exchange.scope():
            try:
                response: HttpResponseBase = await self.get_response(request)
            except asyncio.CancelledError:
                exchange.abandoned()
                raise
            except BaseException as error:
                exchange.failed(error)
                raise
            return exchange.answered(response)


class _Exchange:
    """One request from its arrival to its one event."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._started_ns = time.time_ns()
        self._clock_ns = time.perf_counter_ns()
        self._told = False
        self._broken = False
        setattr(request, TOLD_OF, True)
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())  # type: ignore[attr-defined]
        request.trace = continued(request.headers.get("traceparent"))  # type: ignore[attr-defined]

    def scope(self) -> Any:
        """The context in which the request is answered."""
        request, trace = self._request, self._request.trace  # type: ignore[attr-defined]
        context = {
            "http.request.id": request.request_id,  # type: ignore[attr-defined]
            "trace.id": trace.trace_id,
            "transaction.id": trace.span_id,
            "span.id": trace.span_id,
            "client.ip": client_ip(request),
            LATE: self._late,
        }
        if trace.parent_id:
            context["parent.id"] = trace.parent_id
        return scope(context, fresh=True)

    def answered(self, response: HttpResponseBase) -> HttpResponseBase:
        """Log the request now, or, for a stream that has an end, when its last part has gone."""
        response.headers["X-Request-ID"] = self._request.request_id  # type: ignore[attr-defined]
        streams = isinstance(response, StreamingHttpResponse)
        if not streams or response.headers.get("Content-Type", "").startswith(_EVENT_STREAM):
            self._tell(response.status_code, response)
        if isinstance(response, StreamingHttpResponse):
            self._follow(response)
        return response

    def failed(self, error: BaseException) -> None:
        """No response came: a middleware above Django's own handling raised, or the worker was told to end."""
        self._request._logpipe_exception = error  # type: ignore[attr-defined]
        self._tell(500, None)

    def abandoned(self) -> None:
        """The client went away."""
        self._tell(499, None)

    def _follow(self, response: StreamingHttpResponse) -> None:
        """Tell of the request when *response* is closed; what its parts log belongs to the request."""
        if getattr(response, "file_to_stream", None) is None:  # a file is for the server to send in its own way
            parts: Any = response.streaming_content
            follow = self._later_parts if response.is_async else self._parts
            response.streaming_content = follow(parts, response)

        def closed() -> None:
            with self.scope():
                self._tell(response.status_code, response)

        response._resource_closers.append(closed)  # type: ignore[attr-defined]  # Django's own way to hear of the end

    def _parts(self, parts: Iterator[bytes], response: HttpResponseBase) -> Iterator[bytes]:
        while True:
            with self.scope():
                try:
                    part = next(parts)
                except StopIteration:
                    return
                except Exception as error:
                    self._broke(error, response)
                    raise
            yield part

    async def _later_parts(self, parts: AsyncIterator[bytes], response: HttpResponseBase) -> AsyncIterator[bytes]:
        while True:
            with self.scope():
                try:
                    part = await anext(parts)
                except StopAsyncIteration:
                    return
                except Exception as error:
                    self._broke(error, response)
                    raise
            yield part

    def _broke(self, error: BaseException, response: HttpResponseBase) -> None:
        """A part of the stream failed; an ASGI server will not close *response* now."""
        self._broken = True
        self._request._logpipe_exception = error  # type: ignore[attr-defined]
        self._tell(response.status_code, response)

    def _tell(self, status: int, response: HttpResponseBase | None) -> None:
        if self._told:
            return
        self._told = True
        request = self._request
        failed = status >= 500 or self._broken
        fields: dict[str, Any] = {
            "http.request.method": request.method,
            "http.response.status_code": status,
            "url.path": request.path,
            "url.domain": request.META.get("HTTP_HOST", "")[:255],
            "url.scheme": request.scheme,
            "user_agent.original": request.META.get("HTTP_USER_AGENT"),
            "http.request.referrer": _without_query(request.META.get("HTTP_REFERER")),
            "http.request.body.bytes": _length(request.META.get("CONTENT_LENGTH")),
            "event.start": timestamp(self._started_ns),
            "event.duration": time.perf_counter_ns() - self._clock_ns,
            "event.outcome": "failure" if failed else "success",
        }
        if response is not None:
            fields["http.response.mime_type"] = response.headers.get("Content-Type", "").partition(";")[0] or None
            if isinstance(response, HttpResponse):
                fields["http.response.body.bytes"] = len(response.content)
        error = getattr(request, "_logpipe_exception", None)
        if error is not None and failed:
            fields["exc_info"] = error
        pipeline.emit(40 if failed else _severity(status), LOGGER, "http.request", fields)

    def _late(self) -> Mapping[str, Any]:
        """What is known by now: the user once a view or middleware has asked, the route once it matched."""
        request = self._request
        found: dict[str, Any] = {}
        match = request.resolver_match
        if match is not None:
            found["http.route"] = match.route or "/"
        user = _user_id(request)
        if user is not None:
            found["user.id"] = user
        return found


def client_ip(request: HttpRequest) -> str:
    """The client's address: the nearest one in ``X-Forwarded-For`` that is not a trusted proxy, else the peer's."""
    peer = str(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104  # a socket file has no peer address
    proxies = _proxies()
    if not proxies or not _within(peer, proxies):
        return peer
    for hop in reversed([part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]):
        if not _is_address(hop):
            return peer
        if not _within(hop, proxies):
            return str(hop)
    return peer


def connect_signals() -> None:
    """Log log-ins, log-outs and failed attempts; teach the library to name Django's objects without a query."""
    from django.contrib.auth import signals  # imports models: only once the app registry is ready

    got_request_exception.connect(_keep_exception, dispatch_uid="logging_pipeline")
    signals.user_logged_in.connect(_logged_in, dispatch_uid="logging_pipeline")
    signals.user_logged_out.connect(_logged_out, dispatch_uid="logging_pipeline")
    signals.user_login_failed.connect(_login_failed, dispatch_uid="logging_pipeline")
    REPRESENTED_BY.update({
        QuerySet: lambda queryset: f"of {queryset.model.__name__}, not evaluated",
        BaseManager: lambda manager: f"of {getattr(manager.model, '__name__', '?')}",
        Model: lambda instance: f"pk={instance.pk!r}",
        Promise: str,
        HttpRequest: lambda request: f"{request.method} {request.path}",
        HttpResponseBase: lambda response: f"status {response.status_code}",
    })  # fmt: skip


def _keep_exception(request: HttpRequest | None = None, **_: Any) -> None:
    """Keep the exception for the request's event; Django turns it into a response."""
    if request is not None:
        request._logpipe_exception = sys.exc_info()[1]  # type: ignore[attr-defined]  # ours, on Django's request


def _logged_in(user: Any, **_: Any) -> None:
    with scope({"user.id": str(user.pk)}):
        pipeline.emit(20, "logging_pipeline.auth", "auth.login", {"outcome": "success"})


def _logged_out(user: Any, **_: Any) -> None:
    with scope({"user.id": str(user.pk)} if user is not None else {}):
        pipeline.emit(20, "logging_pipeline.auth", "auth.logout", {"outcome": "success"})


def _login_failed(**_: Any) -> None:
    """The credentials that were tried stay out of the event: people type passwords into the name field."""
    pipeline.emit(30, "logging_pipeline.auth", "auth.failed", {"outcome": "failure", "reason": "credentials"})


def _severity(status: int) -> int:
    return 30 if status in (401, 403, 429, 499) else 20


def _user_id(request: HttpRequest) -> str | None:
    """The user's id, if somebody has asked for the user or the session already; asks neither itself."""
    user = request.__dict__.get("_cached_user") or request.__dict__.get("_acached_user")
    if user is not None and user.pk is not None:
        return str(user.pk)
    session = getattr(request, "session", None)
    loaded = getattr(session, "_session_cache", None)
    identity = loaded.get("_auth_user_id") if isinstance(loaded, dict) else None
    return str(identity) if identity is not None else None


def _without_query(url: str | None) -> str | None:
    return re.split(r"[?#]", url, maxsplit=1)[0] if url else None


def _length(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() and len(text) < 16 else None


Network = IPv4Network | IPv6Network


@lru_cache(1)
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(text, strict=False) for text in texts)


_trusted: tuple[str, ...] = ()


def trust_proxies(networks: tuple[str, ...]) -> None:
    """
    Believe the ``X-Forwarded-For`` of peers in *networks*.

    Raises:
        ConfigurationError: one of them is no network.
    """
    global _trusted
    try:
        _networks(networks)
    except ValueError as error:
        raise ConfigurationError("LOGPIPE_TRUSTED_PROXIES", str(error), "Give e.g. 10.0.0.0/8,127.0.0.1") from None
    _trusted = networks


def _proxies() -> tuple[Network, ...]:
    return _networks(_trusted)


def _within(address: str, networks: tuple[Network, ...]) -> bool:
    if not _is_address(address):
        return False
    ip = ip_address(address)
    return any(ip in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
