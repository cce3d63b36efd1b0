"""The console where the docs say it is mounted."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("ops/", include("logging_pipeline.console.urls"))]
