"""``logpipe check`` and ``verify``: Logstash configurations without a JVM."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

import logging_pipeline
from logging_pipeline.contract import contract
from logging_pipeline.logstash_engine.checks import check as find_problems
from logging_pipeline.logstash_engine.running.variables import variables
from logging_pipeline.logstash_engine.verification import verify as run_cases

__all__ = ["check", "verify"]


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The findings as a list.")
def check(paths: tuple[Path, ...], as_json: bool) -> None:
    """
    Find what is wrong in the configurations at PATHS (files, folders, pipelines.yml) before they run.

    Errors: what Logstash would refuse, and fields that no category declares. Warnings: what can lose an event. Exit
    code 1 when there is an error.
    """
    findings = find_problems(paths, contract=contract(), env=variables(logging_pipeline.configured()))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(str(finding))
        counts = Counter(finding.severity for finding in findings)
        click.echo(f"{counts['error']} errors, {counts['warning']} warnings")
        strange = any("the contract has no field" in finding.problem for finding in findings)
        if strange and not os.environ.get("DJANGO_SETTINGS_MODULE"):
            click.echo("logpipe check: a project's own fields are known when DJANGO_SETTINGS_MODULE names it", err=True)
    sys.exit(any(finding.severity == "error" for finding in findings))


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--update", is_flag=True, help="Rewrite what is expected; then read the difference before you commit it.")
@click.option("--engine", type=click.Choice(["embedded", "logstash"]), default="embedded", show_default=True)
@click.option(
    "--logstash-home",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A real Logstash, for --engine logstash.",
)
def verify(folder: Path, update: bool, engine: str, logstash_home: Path | None) -> None:
    """
    Run every golden case below FOLDER (pipeline.conf, input.ndjson, expected.ndjson) and show what differs.

    Exit code 1 when a case differs.
    """
    if (engine == "logstash") != (logstash_home is not None):
        raise click.UsageError("--engine logstash and --logstash-home belong together")
    outcomes = list(run_cases(folder, update=update, engine=engine, logstash_home=logstash_home))
    for outcome in outcomes:
        if outcome.differences:
            click.echo(f"{outcome.case.name}: {'rewritten' if outcome.updated else 'differs'}")
            for line in outcome.differences:
                click.echo(f"    {line}")
    bad = sum(not outcome.ok for outcome in outcomes)
    click.echo(f"{len(outcomes)} case{'s' * (len(outcomes) != 1)}, {bad} differ")
    sys.exit(bool(bad))
