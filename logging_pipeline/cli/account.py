"""``logpipe reconcile`` and ``logpipe trace``: what became of every event, and of one."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
import redis

import logging_pipeline
from logging_pipeline.accounting.reconcile import reconcile as look_everywhere
from logging_pipeline.broker import redis_client
from logging_pipeline.contract import contract
from logging_pipeline.errors import ConfigurationError
from logging_pipeline.indexes import client

__all__ = ["reconcile"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Rows and totals as an object.")
@click.option("--all", "everything", is_flag=True, help="Also the producers about whom there is nothing to say.")
def reconcile(as_json: bool, everything: bool) -> None:
    """
    Account for every event: numbered = indexed + discarded + dead-lettered + dropped + in flight + lost.

    Exit code 1 when something is lost, doubled or unknown.
    """
    settings = logging_pipeline.configured()
    try:
        with client(settings) as elasticsearch, redis_client(settings) as broker:
            found = look_everywhere(settings, contract(), elasticsearch=elasticsearch, redis_client=broker)
    except redis.RedisError as error:
        raise ConfigurationError("LOGPIPE_REDIS_URL", f"Redis does not answer: {error}", "Is it running?") from error
    if as_json:
        click.echo(json.dumps({"clean": found.clean, "totals": found.totals(), "producers": found.rows()}, indent=2))
    else:
        rows = [row for row in found.rows() if everything or not found.accounts[row["producer"], row["category"]].clean]
        _print_table(rows, {"producer": "all", "category": "", **found.totals()})
        click.echo("clean: every event is accounted for" if found.clean else "NOT clean")
    sys.exit(not found.clean)


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
