"""Addresses of the console; mount them with ``path("ops/", include("logging_pipeline.console.urls"))``."""

from __future__ import annotations

from django.urls import path

from logging_pipeline.console.views import dashboards, event, home, logs, tail, theme, trace

__all__ = ["app_name", "urlpatterns"]

app_name = "logpipe_console"

# Ids of events and traces are parameters, not parts of the path: they may hold any character.
urlpatterns = [
    path("", home.home, name="home"),
    path("theme/", theme.choose, name="theme"),
    path("dashboards/", dashboards.index, name="dashboards"),
    path("dashboards/<slug:name>/", dashboards.dashboard, name="dashboard"),
    path("logs/", logs.logs, name="logs"),
    path("logs/event/", event.event, name="event"),
    path("logs/event/around/", event.around, name="around"),
    path("logs/trace/", trace.trace, name="trace"),
    path("tail/", tail.tail, name="tail"),
    path("tail/events/", tail.events, name="tail_events"),
]
