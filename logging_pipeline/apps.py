"""The Django app: finds each app's ``events.py``, connects the signals."""

from __future__ import annotations

import logging

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from logging_pipeline.integrations.celery import connect_celery
from logging_pipeline.integrations.django import connect_signals, trust_proxies
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
        _take_over_djangos_handlers()


def _take_over_djangos_handlers() -> None:
    """Django's default configuration prints to the console on its own; the pipeline's console says the same, masked."""
    logger = logging.getLogger("django")
    logger.handlers[:] = [handler for handler in logger.handlers if type(handler) is not logging.StreamHandler]
