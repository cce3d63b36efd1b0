"""``logpipe filter``, ``check`` and ``verify``: Logstash configurations without a JVM."""

from __future__ import annotations

import json as json_text
import os
import sys
from collections import Counter
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import click

import logging_pipeline
from logging_pipeline.contract import contract
from logging_pipeline.logstash_engine import encode_with_metadata, load
from logging_pipeline.logstash_engine.checks import check as find_problems
from logging_pipeline.logstash_engine.codecs import json
from logging_pipeline.logstash_engine.options import Settings
from logging_pipeline.logstash_engine.running.variables import variables
from logging_pipeline.logstash_engine.verification import verify as run_cases

__all__ = ["check", "filter_events", "verify"]

BATCH = 500
WITHOUT_ORIGINAL = {"ecs_compatibility": "disabled"}


@click.command("filter")
@click.argument("conf", type=click.Path(exists=True))
def filter_events(conf: str) -> None:
    """
    Run the filters of CONF (a file, or a folder of them) over NDJSON from standard input, to standard output.

    A line that is no JSON object becomes an event with the tag _jsonparsefailure, as with Logstash's json codec. What
    the filters let vanish is counted on standard error.
    """
    pipeline = load(conf, env=variables(logging_pipeline.configured()))
    codec = Settings({name: option.default for name, option in json.OPTIONS.items()} | WITHOUT_ORIGINAL, {})
    vanished: Counter[str] = Counter()
    lines = (line for line in sys.stdin.buffer if line.strip())
    while batch := list(islice(lines, BATCH)):
        filtered = pipeline.filter([event for line in batch for event in json.decode(line.rstrip(b"\r\n"), codec)])
        sys.stdout.buffer.writelines(encode_with_metadata(event) + b"\n" for event in filtered.events)
        vanished.update(f"{lost.reason} at {lost.place.file}:{lost.place.line}" for lost in filtered.dropped)
    for reason, count in vanished.items():
        click.echo(f"logpipe filter: {count} events vanished: {reason}", err=True)


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
        click.echo(json_text.dumps([asdict(finding) for finding in findings], indent=2))
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
