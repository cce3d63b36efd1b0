"""Addresses of the console; mount them with ``path("ops/", include("logging_pipeline.console.urls"))``."""

from __future__ import annotations

from django.urls import path

from logging_pipeline.console.views import (
    complete,
    dashboards,
    errors,
    event,
    export,
    home,
    imports,
    logs,
    pipeline,
    searches,
    tail,
    theme,
    trace,
)

__all__ = ["app_name", "urlpatterns"]

app_name = "logpipe_console"

# Ids of events and traces are parameters, not parts of the path: they may hold any character.
urlpatterns = [
    path("", home.home, name="home"),
    path("theme/", theme.choose, name="theme"),
    path("dashboards/", dashboards.index, name="dashboards"),
    path("dashboards/<slug:name>/", dashboards.dashboard, name="dashboard"),
    path("logs/", logs.logs, name="logs"),
    path("logs/complete/", complete.completions, name="complete"),
    path("logs/export/events.<str:format>", export.export, name="export"),
    path("logs/searches/", searches.save, name="search_save"),
    path("logs/searches/<int:pk>/", searches.change, name="search_change"),
    path("logs/event/", event.event, name="event"),
    path("logs/event/around/", event.around, name="around"),
    path("logs/trace/", trace.trace, name="trace"),
    path("errors/", errors.errors, name="errors"),
    path("errors/group/", errors.error, name="error"),
    path("errors/decide/", errors.decide, name="error_decide"),
    path("kibana/", imports.choose, name="imports"),
    path("kibana/review/", imports.review, name="import_review"),
    path("kibana/backup/", imports.backup, name="import_backup"),
    path("pipeline/", pipeline.pipeline, name="pipeline"),
    path("pipeline/state/", pipeline.state, name="pipeline_state"),
    path("pipeline/accounts/", pipeline.accounts, name="pipeline_accounts"),
    path("tail/", tail.tail, name="tail"),
    path("tail/events/", tail.events, name="tail_events"),
]
