"""``logpipe tail`` and ``logpipe doctor``: what passes by, and what is wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import click
import orjson
import redis

import logging_pipeline
from logging_pipeline.accounting.doctor import examine
from logging_pipeline.broker import redis_client
from logging_pipeline.console_output import ConsoleOutput
from logging_pipeline.contract import contract
from logging_pipeline.errors import ConfigurationError
from logging_pipeline.journey.stream import channel

__all__ = ["doctor", "tail"]


@click.command()
@click.option("--category", "categories", multiple=True, help="Only this category; may be given again.")
@click.option("--json", "as_json", is_flag=True, help="One event a line, as it is.")
def tail(categories: tuple[str, ...], as_json: bool) -> None:
    """
    Show events as they pass by.

    It sees what is published from now on and may miss some: Redis does not wait for a slow reader.
    """
    settings = logging_pipeline.configured()
    known = contract().by_name
    for category in categories:
        if category not in known:
            raise click.BadParameter(f"{category!r} is none of {', '.join(known)}", param_hint="--category")
    if not settings.redis_url:
        raise ConfigurationError("LOGPIPE_REDIS_URL", "is not set", "Set it to the logs' Redis database")
    show = ConsoleOutput(sys.stdout)
    try:
        with redis_client(settings, timeout_s=3_600) as client:
            for line in _passing(client, categories or tuple(known)):
                if as_json:
                    click.echo(line)
                else:
                    show(orjson.loads(line))
    except redis.RedisError as error:
        raise ConfigurationError("LOGPIPE_REDIS_URL", f"Redis does not answer: {error}", "Is it running?") from error
    except KeyboardInterrupt:
        sys.exit(130)


def _passing(client: redis.Redis, categories: tuple[str, ...]) -> Iterator[bytes]:
    with client.pubsub(ignore_subscribe_messages=True) as subscription:  # type: ignore[no-untyped-call]  # redis-py has no type there
        subscription.subscribe(*(channel(category) for category in categories))
        for message in subscription.listen():
            yield from message["data"].split(b"\n")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The findings as a list.")
def doctor(as_json: bool) -> None:
    """Look at every hop and name the cure of what is wrong. Exit code 1 when a hop has failed."""
    findings = examine(logging_pipeline.configured(), contract())
    if as_json:
        click.echo(json.dumps([finding.as_dict() for finding in findings], indent=2))
    else:
        for finding in findings:
            sign, colour = _SIGNS[finding.verdict]
            click.echo(f"{click.style(sign, fg=colour)} {finding.hop:<14} {finding.problem}")
            if finding.cure:
                click.echo(f"  {'':<14} → {finding.cure}")
    sys.exit(any(finding.verdict == "failure" for finding in findings))


_SIGNS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failure": ("✗", "red")}
