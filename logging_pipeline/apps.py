"""The Django app: finds each app's ``events.py``, connects the signals."""

from __future__ import annotations

import logging

from django.apps import AppConfig
from django.conf import settings as django_settings
from django.utils.module_loading import autodiscover_modules

from logging_pipeline.entrance import installed
from logging_pipeline.integrations.celery import connect_celery
from logging_pipeline.integrations.django import connect_signals, trust_proxies
from logging_pipeline.integrations.standard_logging import take_over_root
from logging_pipeline.settings import configured

__all__ = ["LoggingPipelineConfig"]


class LoggingPipelineConfig(AppConfig):
    """``"logging_pipeline"`` in ``INSTALLED_APPS``."""

    name = "logging_pipeline"
    label = "logging_pipeline"
    verbose_name = "Logging pipeline"

    def ready(self) -> None:
        """Register the project's events; take Django's own loggers over."""
        autodiscover_modules("events")
        trust_proxies(configured().trusted_proxies)
        connect_signals()
        connect_celery()
        if installed() is not None:
            _take_over_handlers()


def _take_over_handlers() -> None:
    """
    Once more, because Django applied the project's ``LOGGING`` after the settings had called `configure`.

    Django's default configuration prints on its own; the pipeline's console says the same, masked.
    """
    settings = configured()
    take_over_root(settings.level, settings.levels_by_logger)
    for name in ("django", "django.server"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler for handler in logger.handlers if type(handler) is not logging.StreamHandler]
    logging.getLogger("django.server").propagate = True  # to `PipelineHandler`, or its warnings would still be printed
    django_settings.LOGGING_CONFIG = None  # a second `django.setup`, as runserver makes it, would bring them back
