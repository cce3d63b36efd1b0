"""The Celery worker of the logs: is there one, and does it keep up?"""

from __future__ import annotations

import time
from collections.abc import Iterator

import redis

from logging_pipeline.accounting.doctor.finding import Finding, failure, ok
from logging_pipeline.broker import VISIBILITY_TIMEOUT_S
from logging_pipeline.redis_transport import UNREADABLE
from logging_pipeline.settings import Settings

__all__ = ["worker"]

BACKLOG_BATCHES = 1_000  # up to a million events
WAITS = "blmove"  # how a log worker waits for a batch, and no other worker: see `redis_transport`
GRACE_S = 60.0  # beyond the visibility timeout; any worker that runs has put the batch back by then
START = "Start one: celery --app celery_workers.logs:app worker --queues logs"


def worker(client: redis.Redis, settings: Settings) -> Iterator[Finding]:
    """
    Who listens to the queue, what waits there, and what was taken and never finished.

    Raises:
        redis.RedisError: Redis does not answer.
    """
    batches = int(client.llen(settings.queue))
    if not client.exists(f"_kombu.binding.{settings.queue}"):
        yield failure("worker", "no worker has ever listened to the queue", START)
    elif not any(other["cmd"].lower() == WAITS for other in client.client_list()):
        yield failure("worker", f"no worker listens; {batches} batches wait in the queue {settings.queue!r}", START)
    else:
        yield ok("worker", f"{batches} batches wait in the queue {settings.queue!r}")
    if batches > BACKLOG_BATCHES:
        yield failure("worker", f"{batches} batches wait for a worker", f"They are too few or too slow. {START}")
    overdue = int(client.zcount("unacked_index", "-inf", time.time() - VISIBILITY_TIMEOUT_S - GRACE_S))
    if overdue:
        yield failure(
            "worker", f"{overdue} batches were taken by a worker that vanished, and nobody put them back", START
        )
    aside = f"{UNREADABLE}{settings.queue}"
    if unreadable := int(client.llen(aside)):
        yield failure(
            "worker",
            f"{unreadable} things in the queue were no messages: they are put aside, in {aside}",
            f"Look at them (LRANGE {aside} 0 9) and end what writes into the queue; then DEL {aside}",
        )
