"""
The library: a Django project's structured logs, carried without loss.

A project adopts it in three lines: ``"logging_pipeline"`` in ``INSTALLED_APPS``,
``"logging_pipeline.integrations.django.RequestMiddleware"`` first in ``MIDDLEWARE``, and
``logging_pipeline.configure(app="shop")`` at the end of the settings.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logging_pipeline.composition import configure, configured, stand_aside

__all__ = ["configure", "configured", "stand_aside"]

_HOMES = {"configure": "composition", "configured": "settings", "stand_aside": "composition"}


def __getattr__(name: str) -> Any:
    """The public names, imported when first used: reading a contract or a Logstash pipeline needs no Celery."""
    if name in _HOMES:
        return getattr(import_module(f"logging_pipeline.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
