"""
``logpipe``: set up, consume, look and check.

Exit codes: 0 well, 1 something was found to be wrong, 2 wrong usage or settings, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections import UserDict
from importlib import import_module
from pathlib import Path
from typing import Any

import click

import logging_pipeline
from logging_pipeline.errors import ConfigurationError, PipelineError

__all__ = ["main"]


class _Imported(UserDict[str, Any]):
    """Commands by name, each imported when it is asked for: who filters a file waits for no database's client."""

    def __getitem__(self, name: str) -> click.Command:
        module, _, function = self.data[name].partition(":")
        command: click.Command = getattr(import_module(f"{__name__}.{module}"), function)
        return command


_COMMANDS = _Imported(
    {
        "check": "engine:check",
        "consume": "operate:consume",
        "dashboards": "dashboards:dashboards",
        "doctor": "look:doctor",
        "filter": "filter:filter_events",
        "forget": "repair:forget",
        "kibana": "kibana:kibana",
        "level": "operate:level",
        "reconcile": "account:reconcile",
        "reference": "reference:reference",
        "replay": "repair:replay",
        "retention": "operate:retention",
        "setup": "operate:setup",
        "tail": "look:tail",
        "trace": "account:trace",
        "verify": "engine:verify",
    }
)


@click.group(commands=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="django-logging-pipeline")
def cli() -> None:
    """
    Structured logs, carried without loss.

    Settings come from LOGPIPE_… variables and, where DJANGO_SETTINGS_MODULE is set, from the project, whose own
    categories are known then.
    """


def main() -> None:
    """The console script."""
    try:
        _know_the_project()
        cli.main(prog_name="logpipe")
    except PipelineError as error:
        click.echo(f"logpipe: {error}", err=True)
        sys.exit(2)


def _know_the_project() -> None:
    if not os.environ.get("DJANGO_SETTINGS_MODULE"):
        return
    logging_pipeline.stand_aside()  # the project's settings call configure()
    sys.path.insert(0, str(Path.cwd()))  # as manage.py and celery do: the project is where one stands
    import django  # needed only with a project, and not for `logpipe filter` in a script
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise ConfigurationError(
            "DJANGO_SETTINGS_MODULE", str(error), "Set what the project's settings ask for"
        ) from None
