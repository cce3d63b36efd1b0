"""``logpipe setup``, ``consume``, ``retention`` and ``level``: what keeps the pipeline running."""

from __future__ import annotations

import json
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import click

import logging_pipeline
from logging_pipeline.broker import LEVELS_KEY, redis_client
from logging_pipeline.contract import contract
from logging_pipeline.indexes import apply_retention, client
from logging_pipeline.indexes import setup as set_up
from logging_pipeline.settings import LEVELS

__all__ = ["consume", "level", "retention", "setup"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The report as an object.")
def setup(as_json: bool) -> None:
    """
    Make templates and data streams, or bring them up to date. Can be run again at any time.

    Events are neither moved nor changed: a changed mapping holds for what is written from then on.
    """
    settings = logging_pipeline.configured()
    with client(settings) as elasticsearch:
        report = set_up(elasticsearch, settings, contract())
    if as_json:
        click.echo(json.dumps(asdict(report), indent=2))
        return
    for step in report.changed:
        click.echo(f"{step.kind:<9} {step.name}: {step.did}")
    same = len(report.steps) - len(report.changed)
    click.echo(f"Elasticsearch {report.server_version}: {len(report.changed)} changed, {same} as they should be")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The report as an object.")
def retention(as_json: bool) -> None:
    """Roll over and delete what is older than its category's retention, where the server does not do so by itself."""
    settings = logging_pipeline.configured()
    with client(settings) as elasticsearch:
        report = apply_retention(elasticsearch, settings, contract())
    click.echo(json.dumps(asdict(report), indent=None if as_json else 2, default=str))


@click.command()
@click.argument("logger")
@click.argument("name", metavar="LEVEL", type=click.Choice([*LEVELS, "reset"]))
def level(logger: str, name: str) -> None:
    """
    Set the LEVEL of LOGGER in every process that runs; `reset` leaves it to the settings at the next start.

    Producers take it over within a second or two.
    """
    with redis_client(logging_pipeline.configured()) as redis:
        if name == "reset":
            redis.hdel(LEVELS_KEY, logger)
        else:
            redis.hset(LEVELS_KEY, logger, name)
    click.echo(f"{logger}: {name}")


@click.command()
@click.option(
    "--pipelines",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=Path("logstash/pipelines.yml"),
    show_default=True,
    help="The pipelines to run, as a real Logstash reads them.",
)
def consume(pipelines: Path) -> None:
    """
    Run the Logstash pipelines: take events from Redis, filter, write to Elasticsearch.

    Ends on SIGTERM or Ctrl-C after the events in hand are written or back in their lists. Serves its metrics on
    LOGPIPE_METRICS_PORT where that is set.
    """
    from logging_pipeline.logstash_engine.memory import keep_memory  # the engine is needed by this command alone
    from logging_pipeline.logstash_engine.running.run import run_pipelines

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    keep_memory()
    sys.exit(run_pipelines(pipelines, logging_pipeline.configured(), stop=stop))
