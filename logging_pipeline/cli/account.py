"""``logpipe reconcile`` and ``logpipe trace``: what became of every event, and of one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import redis
from elasticsearch import Elasticsearch

import logging_pipeline
from logging_pipeline.accounting.own_events import enter
from logging_pipeline.accounting.reconcile import reconcile as look_everywhere
from logging_pipeline.accounting.trace import HOPS, Trace
from logging_pipeline.accounting.trace import trace as look_for
from logging_pipeline.broker import redis_client
from logging_pipeline.contract import contract
from logging_pipeline.errors import ConfigurationError
from logging_pipeline.indexes import client
from logging_pipeline.settings import Settings

__all__ = ["reconcile", "trace"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Rows and totals as an object.")
@click.option("--all", "everything", is_flag=True, help="Also the producers about whom there is nothing to say.")
@click.option(
    "--write-events", is_flag=True, help="Also log the result, in the ledger; exit code 0 when it was written."
)
def reconcile(as_json: bool, everything: bool, write_events: bool) -> None:
    """
    Account for every event: numbered = indexed + discarded + dead-lettered + dropped + in flight + lost.

    Exit code 1 when something is lost, doubled, forged or unknown, except with --write-events: then the event tells.
    """
    settings = logging_pipeline.configured()
    with _servers(settings) as (elasticsearch, broker):
        found = look_everywhere(settings, contract(), elasticsearch=elasticsearch, redis_client=broker)
    if write_events:
        enter(settings, found.entries())
    if as_json:
        click.echo(json.dumps({"clean": found.clean, "totals": found.totals(), "producers": found.rows()}, indent=2))
    else:
        rows = [row for row in found.rows() if everything or not found.accounts[row["producer"], row["category"]].clean]
        _print_table(rows, {"producer": "all", "category": "", **found.totals()})
        click.echo("clean: every event is accounted for" if found.clean else "NOT clean")
    sys.exit(not found.clean and not write_events)


def _print_table(rows: list[dict[str, Any]], totals: dict[str, Any]) -> None:
    numbers = [name for name in totals if name not in _NAMES]
    cells = [
        [str(row[name])[:12] for name in _NAMES] + [str(int(row.get(name, 0))) for name in numbers]
        for row in (*rows, totals)
    ]
    lines = [[*_NAMES, *numbers], *cells]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        names = (f"{cell:<{width}}" for cell, width in zip(line[:2], widths[:2], strict=True))
        counts = (f"{cell:>{width}}" for cell, width in zip(line[2:], widths[2:], strict=True))
        click.echo("  ".join((*names, *counts)))
    for row in rows:
        if row["lost_numbers"]:
            click.echo(f"lost of {row['producer']} {row['category']}: {', '.join(row['lost_numbers'])}")


_NAMES = ("producer", "category")


@click.command()
@click.argument("event_id", metavar="EVENT_ID")
@click.option("--json", "as_json", is_flag=True, help="What was found, as an object.")
def trace(event_id: str, as_json: bool) -> None:
    """
    Follow the event EVENT_ID (its event.id) through every hop and name the first where it is missing.

    Exit code 1 when it is lost, a dead letter, or unknown.
    """
    settings = logging_pipeline.configured()
    with _servers(settings) as (elasticsearch, broker):
        found = look_for(event_id, settings, elasticsearch=elasticsearch, redis_client=broker)
    if not found.known:
        raise click.ClickException(f"nothing is known of an event {event_id!r}{found.cause and ': '}{found.cause}")
    if as_json:
        click.echo(json.dumps(found.as_dict(), indent=2))
    else:
        _print_trace(found)
    sys.exit(found.lost or found.ended == "dead letter")


def _print_trace(found: Trace) -> None:
    for sighting in found.sightings:
        click.echo(f"{click.style('✓', fg='green')} {sighting.hop:<12} {sighting.at:<32} {sighting.what}")
    if found.missing:
        sign = click.style("✗", fg="red") if found.lost else click.style("…", fg="yellow")
        click.echo(f"{sign} {found.missing:<12} {'lost' if found.lost else 'not yet':<32} {found.cause}")
        for hop in HOPS[HOPS.index(found.missing) + 1 :]:
            click.echo(f"  {hop}")
    else:
        click.echo(f"{found.ended}{f', {found.copies} copies' if found.copies > 1 else ''}")


@contextmanager
def _servers(settings: Settings) -> Iterator[tuple[Elasticsearch, redis.Redis]]:
    """Clients of both; a Redis that does not answer is told as a setting to look at."""
    if not settings.redis_url:
        raise ConfigurationError("LOGPIPE_REDIS_URL", "is not set", "Set it to the logs' Redis database")
    try:
        with client(settings) as elasticsearch, redis_client(settings) as broker:
            yield elasticsearch, broker
    except redis.RedisError as error:
        raise ConfigurationError("LOGPIPE_REDIS_URL", f"Redis does not answer: {error}", "Is it running?") from error
