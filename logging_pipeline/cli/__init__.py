"""
``logpipe``: set up, consume, look and check.

Exit codes: 0 well, 1 something was found to be wrong, 2 wrong usage or settings, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

import logging_pipeline
from logging_pipeline.cli.account import reconcile, trace
from logging_pipeline.cli.dashboards import dashboards
from logging_pipeline.cli.engine import check, filter_events, verify
from logging_pipeline.cli.kibana import kibana
from logging_pipeline.cli.look import doctor, tail
from logging_pipeline.cli.operate import consume, level, retention, setup
from logging_pipeline.cli.reference import reference
from logging_pipeline.cli.repair import forget, replay
from logging_pipeline.errors import ConfigurationError, PipelineError

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="django-logging-pipeline")
def cli() -> None:
    """
    Structured logs, carried without loss.

    Settings come from LOGPIPE_… variables and, where DJANGO_SETTINGS_MODULE is set, from the project, whose own
    categories are known then.
    """


for command in (
    setup,
    consume,
    tail,
    filter_events,
    check,
    verify,
    doctor,
    reconcile,
    trace,
    replay,
    forget,
    level,
    retention,
    reference,
    dashboards,
    kibana,
):
    cli.add_command(command)


def main() -> None:
    """The console script."""
    logging_pipeline.stand_aside()
    try:
        _know_the_project()
        cli.main(prog_name="logpipe")
    except PipelineError as error:
        click.echo(f"logpipe: {error}", err=True)
        sys.exit(2)


def _know_the_project() -> None:
    if not os.environ.get("DJANGO_SETTINGS_MODULE"):
        return
    sys.path.insert(0, str(Path.cwd()))  # as manage.py and celery do: the project is where one stands
    import django  # needed only with a project, and not for `logpipe filter` in a script
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise ConfigurationError(
            "DJANGO_SETTINGS_MODULE", str(error), "Set what the project's settings ask for"
        ) from None
