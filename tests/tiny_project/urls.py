"""Every kind of answer that a request can get."""

from __future__ import annotations

from django.urls import path

from tests.tiny_project import views

urlpatterns = [
    path("hello/<slug:name>/", views.hello),
    path("boom/", views.boom),
    path("missing/", views.missing),
    path("unavailable/", views.unavailable),
    path("in-middleware/", views.hello, {"name": "never reached"}),
    path("stream/", views.stream),
    path("broken-stream/", views.broken_stream),
    path("async/", views.async_hello),
    path("async-stream/", views.async_stream),
    path("endless/", views.endless),
    path("events/", views.events),
    path("slow/", views.slow),
    path("log-in/", views.log_in),
    path("who/", views.who),
    path("eager/", views.eager),
    path("delay/", views.delay),
    path("queryset/", views.queryset),
]
