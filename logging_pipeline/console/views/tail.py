"""The live tail: a page, and the stream that it reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from logging_pipeline.console.access import VIEW_TAIL, categories_for, category_permission, viewer
from logging_pipeline.console.picker import Choice
from logging_pipeline.console.problems import BadParameter, BadQuery, among, at_most
from logging_pipeline.console.responses import page, show
from logging_pipeline.console.store import pipeline_settings
from logging_pipeline.console.tail.rows import Matcher
from logging_pipeline.console.tail.seats import NoSeat
from logging_pipeline.console.tail.stream import SEATS, Wish, stream
from logging_pipeline.console.tail.watcher import watcher
from logging_pipeline.contract import contract
from logging_pipeline.errors import KqlError
from logging_pipeline.kql import Node, Options, fields, matcher, parse
from logging_pipeline.settings import LEVELS

__all__ = ["events", "tail"]

Answer = TypeVar("Answer", bound=HttpResponseBase)

MAX_ROWS = 500  # in the page; older ones go
MAX_QUERY_CHARS = 2_000
LONGEST_GAP = timedelta(days=1)
NEEDS_ASGI = (
    "The live tail needs the console to run under an ASGI server, in a process of its own: "
    "uvicorn yourproject.asgi:application. Under WSGI it would keep a worker busy for hours."
)
NO_REDIS = "LOGPIPE_REDIS_URL is not set. Give the console the logs' Redis database."


@dataclass(frozen=True, slots=True)
class Filter:
    """What the address says is to be seen; nothing chosen is everything."""

    categories: tuple[str, ...]
    level: str
    query: str

    @classmethod
    def of(cls, request: HttpRequest) -> Filter:
        """
        The filter in *request*'s address.

        Raises:
            BadParameter: there is no such category or level, or the query is too long.
        """
        categories = among(contract().by_name, "category", request.GET.getlist("category"))
        level = request.GET.get("level", "")
        query = at_most(MAX_QUERY_CHARS, "q", request.GET.get("q", "").strip())
        return cls(categories, "".join(among(LEVELS, "level", [level] if level else [])), query)

    @property
    def link(self) -> str:
        """``?`` and the parameters."""
        pairs = [("category", name) for name in self.categories]
        pairs += [(name, value) for name, value in (("level", self.level), ("q", self.query)) if value]
        return f"?{urlencode(pairs)}"

    def node(self) -> Node | None:
        """
        The query; None where there is none.

        Raises:
            KqlError: it cannot be read.
        """
        return parse(self.query, words=True) if self.query else None

    def wanted(self) -> Matcher | None:
        """
        The query as a predicate; a value without a field is words, as in the log search.

        Raises:
            KqlError: it is not in the language, or names a field that is not there.
        """
        node = self.node()
        options = Options(zone=timezone.get_current_timezone(), words=True)
        return matcher(node, contract(), options) if node is not None else None


@require_safe
@page(VIEW_TAIL)
def tail(request: HttpRequest) -> HttpResponse:
    """The page; its script opens the stream."""
    allowed = categories_for(viewer(request))
    bad: BadParameter | None = None
    late: list[str] = []
    wish = Filter((), "", request.GET.get("q", "")[:MAX_QUERY_CHARS])  # of what cannot be used: to be mended in the box
    try:
        wish = Filter.of(request)
        wish.wanted()
        late = _enriched(wish.node())
    except BadParameter as problem:
        bad = problem
    except KqlError as error:
        bad = BadQuery("q", error)
    forbidden = [name for name in wish.categories if name not in allowed]
    if forbidden:
        return show(request, "denied.html", {"permission": category_permission(forbidden[0])}, status=403)
    why_not = NEEDS_ASGI if not isinstance(request, ASGIRequest) else "" if pipeline_settings().redis_url else NO_REDIS
    context = {
        "active": "Live tail",
        "filter": wish,
        "allowed": allowed,
        "categories": [_category(wish, name) for name in allowed],
        "levels": [_level(wish, level) for level in LEVELS],
        "bad": bad,
        "late": late,
        "why_not": why_not,
        "max_rows": MAX_ROWS,
        "max_chars": MAX_QUERY_CHARS,
        "stream": "" if bad or why_not or not allowed else f"{reverse('logpipe_console:tail_events')}{wish.link}",
    }
    return show(request, "tail.html", context, status=400 if bad else 200)


@require_safe
async def events(request: HttpRequest) -> HttpResponseBase:
    """The stream: server-sent events; refusals are plain text with a status."""
    if not isinstance(request, ASGIRequest):
        return _refusal(NEEDS_ASGI, 501)
    settings = pipeline_settings()
    if not settings.redis_url:
        return _refusal(NO_REDIS, 503)
    who = await watcher(request)
    if who.refused:
        return _refusal(who.refused, 403)
    try:
        wish = Filter.of(request)
    except BadParameter as problem:
        return _refusal(str(problem), 400)
    categories = wish.categories or who.categories
    reason = who.lacks(categories) or ("" if categories else "No category is open to you.")
    if reason:
        return _refusal(reason, 403)
    try:
        wanted = wish.wanted()
    except KqlError as error:
        return _refusal(str(error), 400)
    try:
        # And again by the stream, which alone knows when it begins and ends.
        SEATS.check(who.key, in_all=settings.tail_connections, each=settings.tail_connections_per_user)
    except NoSeat as full:
        return _refusal(str(full), 429)
    zone = timezone.get_current_timezone()
    seen = Wish(categories, wish.level, wanted, zone, _since(request))
    content = stream(seen, who, lambda: watcher(request), settings)
    response = StreamingHttpResponse(content, content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"  # nginx would keep events back until a buffer is full
    return _closed(response)


def _refusal(reason: str, status: int) -> HttpResponse:
    return _closed(HttpResponse(f"{reason}\n", status=status, content_type="text/plain; charset=utf-8"))


def _enriched(node: Node | None) -> list[str]:
    """The fields of *node* that pipelines add later, so that no event that passes by has them."""
    known = contract().fields
    return sorted(name for name in (fields(node) if node is not None else ()) if name in known and known[name].enriched)


def _closed(response: Answer) -> Answer:
    """For the page's script alone: neither kept nor shown as anything else."""
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response


def _since(request: HttpRequest) -> datetime | None:
    """Until when the page was connected before: the id of the last message it had; None when it makes no sense."""
    text = request.headers.get("Last-Event-ID", "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        return None
    since, now = datetime.fromtimestamp(int(text) / 1000, UTC), datetime.now(UTC)
    return since if now - LONGEST_GAP < since <= now else None


def _category(wish: Filter, name: str) -> Choice:
    chosen = name in wish.categories
    others = tuple(n for n in wish.categories if n != name)
    after = Filter(others if chosen else (*others, name), wish.level, wish.query)
    return Choice(name, contract().by_name[name].description, after.link, chosen)


def _level(wish: Filter, level: str) -> Choice:
    chosen = level == wish.level
    title = "All levels" if chosen else f"{level} and above"
    return Choice(level, title, Filter(wish.categories, "" if chosen else level, wish.query).link, chosen)
