"""The dashboards of `dashboards/definitions/`, drawn from Elasticsearch."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from logging_pipeline.console.access import VIEW_DASHBOARDS, aside_for, categories_for, viewer
from logging_pipeline.console.dashboard_page import definitions, shown
from logging_pipeline.console.dashboard_state import DashboardState
from logging_pipeline.console.picker import REFRESH, ranges
from logging_pipeline.console.problems import BadParameter
from logging_pipeline.console.responses import page, show
from logging_pipeline.console.store import pipeline_settings, store
from logging_pipeline.console.timerange import TimeRange
from logging_pipeline.contract import contract
from logging_pipeline.dashboards.model import Dashboard
from logging_pipeline.errors import DashboardError

__all__ = ["dashboard", "index"]

ACTIVE = {"active": "Dashboards"}


@require_safe
@page(VIEW_DASHBOARDS)
def index(request: HttpRequest) -> HttpResponse:
    """Every dashboard, and the question that it answers."""
    folder = pipeline_settings().dashboards_dir
    try:
        found = definitions(folder)
    except DashboardError as problem:
        return _broken(request, problem)
    return show(request, "dashboards.html", {**ACTIVE, "dashboards": found, "folder": folder})


@require_safe
@page(VIEW_DASHBOARDS)
def dashboard(request: HttpRequest, name: str) -> HttpResponse:
    """The dashboard *name* in the state that the address describes."""
    try:
        every = definitions(pipeline_settings().dashboards_dir)
    except DashboardError as problem:
        return _broken(request, problem)
    chosen = next((each for each in every if each.id == name), None)
    if chosen is None:
        return show(request, "dashboards.html", {**ACTIVE, "dashboards": every, "absent": name}, status=404)
    now, zone = timezone.now(), timezone.get_current_timezone()
    try:
        state = DashboardState.parse(request.GET, contract(), chosen.time, now=now, zone=zone)
    except BadParameter as problem:
        state = DashboardState(TimeRange.parse(chosen.time, "now", now=now, zone=zone))
        return show(request, "dashboard.html", {**_frame(chosen, every, state), "bad": problem}, status=400)
    allowed = (*categories_for(viewer(request)), *aside_for(viewer(request)))
    answered = shown(store(), contract(), chosen, every, state, allowed, now=now, zone=zone)
    # The template calls `answered` where it comes to the answer; what stands above is drawn meanwhile.
    return show(request, "dashboard.html", {**_frame(chosen, every, state), "answered": answered, "read": now})


def _frame(chosen: Dashboard, every: Sequence[Dashboard], state: DashboardState) -> dict[str, object]:
    """What surrounds the panels: where else to go, the time, the filters."""
    return {
        **ACTIVE,
        "dashboard": chosen,
        "others": [(each, state.but(time=_opening(each, chosen, state)).link) for each in every],
        "state": state,
        "ranges": ranges(state.time, lambda time: state.but(time=time).link),
        "kept_for_time": state.without("from", "to"),
        "kept_for_refresh": state.without("refresh"),
        "refresh_choices": REFRESH,
        "filters": [(each, state.toggled(each).link) for each in state.filters],
        "unfiltered": state.but(filters=()).link,
    }


def _opening(each: Dashboard, chosen: Dashboard, state: DashboardState) -> TimeRange:
    """The time in which another dashboard opens: its own, unless the reader has chosen one."""
    if (state.time.start_text, state.time.end_text) != (chosen.time, "now"):
        return state.time
    return TimeRange.parse(each.time, "now", now=state.time.end, zone=timezone.get_current_timezone())


def _broken(request: HttpRequest, problem: DashboardError) -> HttpResponse:
    return show(request, "dashboards.html", {**ACTIVE, "problem": str(problem)}, status=503)
