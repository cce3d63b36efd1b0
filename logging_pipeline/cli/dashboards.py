"""``logpipe dashboards``: check definitions, build what Kibana imports."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import logging_pipeline
from logging_pipeline.contract import contract
from logging_pipeline.dashboards.build import build as build_objects
from logging_pipeline.dashboards.build import ndjson
from logging_pipeline.dashboards.check import check_folder
from logging_pipeline.errors import DashboardError

__all__ = ["dashboards"]

DEFINITIONS = Path("dashboards/definitions")
KIBANA = Path("kibana")


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


@dashboards.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=DEFINITIONS)
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=KIBANA, show_default=True)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit code 1 when the file differs.")
def build(folder: Path, into: Path, only_check: bool) -> None:
    """Write what Kibana imports for the definitions in FOLDER: one NDJSON file. Wrong definitions are not built."""
    found, problems = check_folder(folder, contract())
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        sys.exit(1)
    file = into / "dashboards.ndjson"
    content = ndjson(build_objects(found, contract(), logging_pipeline.configured().app)).encode()
    try:
        if file.is_file() and file.read_bytes() == content:
            return
        if not only_check:
            into.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    except OSError as error:
        raise DashboardError(f"cannot be written: {error.strerror}", file=str(file)) from error
    click.echo(f"{file}: {'differs from the definitions' if only_check else 'written'}")
    sys.exit(only_check)
