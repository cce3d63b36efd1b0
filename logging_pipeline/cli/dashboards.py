"""``logpipe dashboards`` and ``logpipe kibana``: check definitions, build what Kibana imports, look at an export."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from logging_pipeline.contract import contract
from logging_pipeline.dashboards.check import check_folder

__all__ = ["dashboards"]

DEFINITIONS = Path("dashboards/definitions")


@click.group()
def dashboards() -> None:
    """Dashboards as text."""


@dashboards.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=DEFINITIONS)
def check(folder: Path) -> None:
    """
    Hold the definitions in FOLDER to the contract, to their panel types and to each other.

    Exit code 1 when something is wrong; each line names the file, the panel and the key.
    """
    found, problems = check_folder(folder, contract())
    for problem in problems:
        click.echo(str(problem), err=True)
    if not problems:
        click.echo(f"{len(found)} dashboards with {sum(len(d.panels) for d in found)} panels: all well.")
    sys.exit(bool(problems))
