"""Errors in groups: what fails, since when, for how many; and what was decided about it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from logging_pipeline.console import decisions, error_groups
from logging_pipeline.console.access import RESOLVE_ERRORS, VIEW_ERRORS, VIEW_LOGS, categories_for, viewer
from logging_pipeline.console.address import encoded
from logging_pipeline.console.asked import Closed, asked, usable
from logging_pipeline.console.columns import columns
from logging_pipeline.console.decisions import Judged
from logging_pipeline.console.error_groups import SORTS, ErrorGroup
from logging_pipeline.console.picker import Choice, ranges
from logging_pipeline.console.problems import BadParameter
from logging_pipeline.console.responses import page, show
from logging_pipeline.console.search import MAX_TEXT_CHARS, Search
from logging_pipeline.console.store import store
from logging_pipeline.console.timerange import TimeRange
from logging_pipeline.contract import contract

__all__ = ["DEFAULT_FROM", "STATES", "decide", "error", "errors"]

DEFAULT_FROM = "now-24h"
STATES = {  # by the parameter: its title, and the states of a group that it shows
    "open": ("Open", ("open", "came back")),
    "resolved": ("Resolved", ("resolved",)),
    "ignored": ("Ignored", ("ignored",)),
    "all": ("All", decisions.STATES),
}
GROUP_EVENTS = 25
PAGE_GROUPS = 50


@require_safe
@page(VIEW_ERRORS)
def errors(request: HttpRequest) -> HttpResponse:
    """The groups that failed in the range."""
    try:
        search, categories = asked(request, default_from=DEFAULT_FROM)
        state, sort, number = _one_of(request, "state", STATES), _one_of(request, "sort", SORTS), _page_number(request)
    except BadParameter as problem:
        context = {**_controls(usable(request, default_from=DEFAULT_FROM), "open", "newest"), "bad": problem}
        return show(request, "errors.html", context, status=400)
    except Closed as closed:
        return show(request, "denied.html", {"permission": closed.permission}, status=403)
    listed = error_groups.listed(store(), search, categories, contract(), sort)
    judgements = decisions.judge(
        listed.keys, lambda keys, since: error_groups.last_failures(store(), keys, categories, since=since)
    )
    count = Counter(each for _decision, each in judgements.values())
    wanted = [key for key in listed.keys if judgements[key][1] in STATES[state][1]]
    pages = Paginator(wanted, PAGE_GROUPS)
    shown = pages.get_page(number)
    found, partial = error_groups.groups(store(), [*shown], search, categories, contract())
    context = {
        **_controls(search, state, sort),
        "allowed": categories,
        "listed": listed,
        "partial": listed.answer.partial or partial,
        "judged": [Judged(group, *judgements[group.key]) for group in found],
        "shown": shown,
        "beside": _beside(search, state, sort, shown),
        "counts": {name: sum(count[s] for s in states) for name, (_title, states) in STATES.items()},
        "now": timezone.now(),
    }
    return show(request, "errors.html", context)


@require_safe
@page(VIEW_ERRORS)
def error(request: HttpRequest) -> HttpResponse:
    """One group: when, where, for whom; its stack trace, and its newest events."""
    key = request.GET.get("id", "")
    try:
        search, categories = asked(request, default_from=DEFAULT_FROM)
    except BadParameter as problem:
        return show(request, "refused.html", {"active": "Errors", "bad": problem}, status=400)
    except Closed as closed:
        return show(request, "denied.html", {"permission": closed.permission}, status=403)
    found, events = error_groups.group(store(), key, search, categories, contract(), events=GROUP_EVENTS)
    if found is None:  # perhaps long ago
        search = replace(search, time=_always())
        found, events = error_groups.group(store(), key, search, categories, contract(), events=GROUP_EVENTS)
    if found is None:
        return show(request, "absent.html", {"what": "error group", "id": key}, status=404)
    judged = decisions.judged(found)
    context = {
        "active": "Errors",
        "judged": judged,
        "group": found,
        "rows": events,
        "columns": [(column, None) for column in columns(contract(), ())],
        "search": search,
        "time": search.time,
        "ranges": ranges(search.time, lambda time: _group_link(key, time)),
        "kept": [("id", key)],
        "events_link": _events_link(found, search),
        "sees_logs": viewer(request).has_perm(VIEW_LOGS),
        "may_resolve": viewer(request).has_perm(RESOLVE_ERRORS),
        "now": timezone.now(),
    }
    return show(request, "error.html", context)


@require_POST
@page(RESOLVE_ERRORS)
def decide(request: HttpRequest) -> HttpResponse:
    """Resolve, ignore or reopen the group ``id``, which the viewer must be able to see."""
    key, action = request.POST.get("id", ""), _ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        problem = BadParameter("action", "is none", f"Choose from {', '.join(_ACTIONS)}")
        return show(request, "refused.html", {"active": "Errors", "bad": problem}, status=400)
    categories = categories_for(viewer(request))
    found, _events = error_groups.group(store(), key, Search(_always()), categories, contract())
    if found is None or not viewer(request).has_perm(VIEW_ERRORS):
        return show(request, "absent.html", {"what": "error group", "id": key}, status=404)
    try:
        action(request, found)
    except BadParameter as problem:
        return show(request, "refused.html", {"active": "Errors", "bad": problem}, status=400)
    return redirect(f"{reverse('logpipe_console:error')}?{urlencode({'id': key})}")


_ACTIONS: dict[str, Callable[[HttpRequest, ErrorGroup], None]] = {
    "resolve": lambda request, found: decisions.resolve(request, found, request.POST.get("release", "")),
    "ignore": decisions.ignore,
    "reopen": lambda _request, found: decisions.reopen(found),
}


def _controls(search: Search, state: str, sort: str) -> dict[str, object]:
    own = [("state", state), ("sort", sort)]

    def link(changed: Search, **chosen: str) -> str:
        return _link(changed, **{**dict(own), **chosen})

    return {
        "active": "Errors",
        "search": search,
        "state": state,
        "limit": MAX_TEXT_CHARS,
        "time": search.time,
        "kept": [
            *(pair for pair in search.pairs if pair[0] not in ("from", "to", "after")),
            *own,
        ],
        "kept_by_search": [*(pair for pair in search.pairs if pair[0] not in ("q", "after")), *own],
        "ranges": ranges(search.time, lambda time: link(search.but(time=time))),
        "states": [
            Choice(name, title, link(search, state=name), name == state) for name, (title, _s) in STATES.items()
        ],
        "sorts": [Choice(name, title, link(search, sort=name), name == sort) for name, (title, *_how) in SORTS.items()],
        "everything": link(search.but(text="", categories=(), levels=(), filters=()), state="all"),
    }


def _beside(search: Search, state: str, sort: str, shown: Page[str]) -> dict[str, str]:
    """Where the pages before and after the one that is *shown* are: of the same moments, so that no group moves."""
    frozen = search.but(time=search.time.frozen)

    def link(number: int) -> str:
        return _link(frozen, state=state, sort=sort, **({"page": str(number)} if number > 1 else {}))

    before = {"before": link(shown.previous_page_number())} if shown.has_previous() else {}
    return before | ({"after": link(shown.next_page_number())} if shown.has_next() else {})


def _link(search: Search, **own: str) -> str:
    return f"?{encoded([*search.pairs, *own.items()])}"


def _page_number(request: HttpRequest) -> int:
    given = request.GET.get("page", "") or "1"
    if not re.fullmatch("[1-9][0-9]{0,8}", given):
        raise BadParameter("page", f"{given[:60]!r} is no page", "Give a number from 1 on")
    return int(given)


def _one_of(request: HttpRequest, parameter: str, choices: Mapping[str, tuple[object, ...]]) -> str:
    chosen = request.GET.get(parameter, "") or next(iter(choices))
    if chosen not in choices:
        raise BadParameter(parameter, f"there is no {parameter} {chosen[:60]!r}", f"Choose from {', '.join(choices)}")
    return chosen


def _always() -> TimeRange:
    """All that is kept."""
    zone = timezone.get_current_timezone()
    return TimeRange.parse("now-3650d", "now", now=timezone.now(), zone=zone)


def _group_link(key: str, time: TimeRange) -> str:
    return f"?{urlencode({'id': key, 'from': time.start_text, 'to': time.end_text})}"


def _events_link(found: ErrorGroup, search: Search) -> str:
    query = {"filter": f"error.grouping_key:{found.key}", "from": search.time.start_text, "to": search.time.end_text}
    return f"{reverse('logpipe_console:logs')}?{urlencode(query)}"
