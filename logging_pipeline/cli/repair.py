"""``logpipe replay`` and ``logpipe forget``: what changes what is stored; both only look unless told to act."""

from __future__ import annotations

import json
import re
import sys
import time
from datetime import datetime
from pathlib import Path

import click
import redis

import logging_pipeline
from logging_pipeline.accounting import forget as forgetting
from logging_pipeline.accounting import replay as again
from logging_pipeline.accounting.own_events import audit, enter
from logging_pipeline.broker import redis_client, sender
from logging_pipeline.contract import contract
from logging_pipeline.errors import ConfigurationError
from logging_pipeline.indexes import client
from logging_pipeline.settings import Settings

__all__ = ["forget", "replay"]

ARRIVAL_S = 60.0


class _Time(click.ParamType[str]):
    """A time as Elasticsearch reads it."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not re.fullmatch(r"now(-[0-9]+[smhdwM])?", value):
            try:
                datetime.fromisoformat(value)
            except ValueError:
                self.fail(f"{value!r} is no time: use now-12h, now-1d or 2031-01-31", param, ctx)
        return value


@click.command()
@click.option("--reason", default="", help="Only dead letters refused for it, e.g. no_stream.")
@click.option("--since", type=_Time(), metavar="TIME", help="Only dead letters since then: now-1d, 2031-01-31.")
@click.option("--spool", is_flag=True, help="What ended processes left on disk, instead of dead letters.")
@click.option(
    "--from",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --spool: another folder, e.g. one saved from a machine that is gone.",
)
@click.option("--send", "do_send", is_flag=True, help="Send them; without it nothing is done but to count.")
@click.option("--json", "as_json", is_flag=True, help="The counts as an object.")
def replay(reason: str, since: str | None, spool: bool, folder: Path | None, do_send: bool, as_json: bool) -> None:
    """
    Send dead letters, or batches that ended processes left on disk, through the pipeline again.

    Events keep their ids: what is indexed by now is not sent, and what is sent twice is stored once. Exit code 1 when
    some of what was sent has not arrived after a minute.
    """
    settings = logging_pipeline.configured()
    if not settings.redis_url:
        raise ConfigurationError("LOGPIPE_REDIS_URL", "is not set", "Set it to the logs' Redis database")
    if folder is not None and not spool:
        raise click.UsageError("--from goes with --spool")
    if spool:
        counts, arrived = _spool(settings, folder or settings.spool_dir, do_send=do_send), True
    else:
        counts, arrived = _letters(settings, reason, since or "", do_send=do_send)
    if as_json:
        click.echo(json.dumps(counts, indent=2))
    else:
        for name, count in counts.items():
            click.echo(f"{count:>9}  {name}")
        if not do_send:
            click.echo("nothing was sent: add --send to do it")
    sys.exit(not arrived)


def _spool(settings: Settings, root: Path, *, do_send: bool) -> dict[str, int]:
    if do_send:
        return {"batches sent": again.replay_spool(root, send=sender(settings)), "batches left": _batches(root)}
    return {"batches that wait": _batches(root)}


def _batches(root: Path) -> int:
    return sum(1 for _ in root.glob("*/*.batch"))


def _letters(settings: Settings, reason: str, since: str, *, do_send: bool) -> tuple[dict[str, int], bool]:
    with client(settings) as elasticsearch:
        found = again.find_letters(settings, contract(), elasticsearch=elasticsearch, reason=reason, since=since)
        counts = found.counts()
        if not do_send or not found.replayable:
            return counts, True
        entries = again.send_letters(found.replayable, send=sender(settings), max_events=settings.batch_max_events)
        enter(settings, entries)
        deadline = time.monotonic() + ARRIVAL_S
        indexed = 0
        while indexed < len(found.replayable) and time.monotonic() < deadline:
            time.sleep(1.0)
            indexed = again.what_became(settings, found.replayable, elasticsearch=elasticsearch)
    left = len(found.replayable) - indexed
    return {
        **counts,
        "sent": len(found.replayable),
        "sent and indexed": indexed,
        "sent and not indexed": left,
    }, not left


@click.command()
@click.argument("user_id", metavar="USER_ID")
@click.option("--delete", "do_delete", is_flag=True, help="Delete them; without it nothing is done but to count.")
@click.option("--json", "as_json", is_flag=True, help="The counts as an object.")
def forget(user_id: str, do_delete: bool, as_json: bool) -> None:
    """
    Find every event of the user USER_ID, as the application knows them, and remove it.

    Events are found by the hash of the id, with the present key and LOGPIPE_FORMER_HASH_KEYS. It needs the user
    logpipe_privacy of Elasticsearch. An audit event tells how many were removed, not whose. Exit code 1 when events of
    the person are still on their way: run it again when they have arrived.
    """
    settings = logging_pipeline.configured()
    if not settings.redis_url:
        raise ConfigurationError("LOGPIPE_REDIS_URL", "is not set", "Set it to the logs' Redis database")
    names = forgetting.hashes(user_id, settings)
    try:
        with client(settings) as elasticsearch, redis_client(settings) as broker:
            waiting = forgetting.on_the_way(names, settings, broker)
            found = forgetting.find(names, settings, elasticsearch=elasticsearch)
            removed = forgetting.remove(found, settings, elasticsearch=elasticsearch) if do_delete else 0
    except redis.RedisError as error:
        raise ConfigurationError("LOGPIPE_REDIS_URL", f"Redis does not answer: {error}", "Is it running?") from error
    if do_delete:
        audit(settings, "audit.forgotten", {"object_type": "user", "removed": removed})
    counts = {"indices": found.counts(), "found": len(found.places), "removed": removed, "on their way": waiting}
    if as_json:
        click.echo(json.dumps(counts, indent=2))
    else:
        for index, count in found.counts().items():
            click.echo(f"{count:>9}  {index}")
        click.echo(f"{len(found.places)} found, {removed} removed, {waiting} on their way")
        if not do_delete:
            click.echo("nothing was removed: add --delete to do it")
    sys.exit(bool(waiting))
