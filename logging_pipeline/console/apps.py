"""The console as a Django app; put ``logging_pipeline.console`` into INSTALLED_APPS."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from logging_pipeline.console.access import make_category_permissions

__all__ = ["ConsoleConfig"]


class ConsoleConfig(AppConfig):
    """After every ``migrate`` each category of the contract has its permission."""

    name = "logging_pipeline.console"
    label = "logpipe_console"
    verbose_name = "Log console"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Called by Django when all apps are loaded."""
        post_migrate.connect(make_category_permissions, sender=self, dispatch_uid="logpipe_console.categories")
