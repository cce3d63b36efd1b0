"""What waits between two stages: in Redis, and on this machine's disk."""

from __future__ import annotations

from dataclasses import dataclass

import redis

from logging_pipeline.accounting.on_the_way import given_here
from logging_pipeline.broker import redis_client
from logging_pipeline.contract import Contract
from logging_pipeline.journey.stream import list_key
from logging_pipeline.journey.take import LEASES
from logging_pipeline.settings import Settings

__all__ = ["InRedis", "OnDisk", "in_redis", "on_disk"]

TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class InRedis:
    """
    Redis' side of the pipeline.

    Args:
        batches: waiting for a log worker.
        with_worker: batches that a worker has and has not finished.
        waiting: events by category, waiting for a consumer.
        in_hand: events that consumers have and have not finished.
        leases: how many lists these are in; *overdue* of them nobody looks after.
        used_bytes: of Redis' memory; *max_bytes* is 0 without a limit.
    """

    batches: int
    with_worker: int
    waiting: dict[str, int]
    in_hand: int
    leases: int
    overdue: int
    used_bytes: int
    max_bytes: int

    @property
    def events(self) -> int:
        """Events that wait for a consumer."""
        return sum(self.waiting.values())


@dataclass(frozen=True, slots=True)
class OnDisk:
    """Batches in this machine's spool, and the producers that run on it."""

    batches: int
    bytes: int
    producers: int


def in_redis(settings: Settings, contract: Contract) -> InRedis:
    """
    Ask Redis, in two round trips.

    Raises:
        redis.RedisError: it does not answer.
    """
    with redis_client(settings, timeout_s=TIMEOUT_S) as client:
        seconds, _ = client.time()
        keys = [raw.decode("utf-8", "replace") for raw in client.zrange(LEASES, 0, -1)]
        with client.pipeline(transaction=False) as pipe:
            pipe.llen(settings.queue)
            pipe.hlen("unacked")
            pipe.zcount(LEASES, "-inf", seconds)
            pipe.info("memory")
            for name in contract.by_name:
                pipe.llen(list_key(name))
            for key in keys:
                pipe.llen(key)
            batches, with_worker, overdue, memory, *lengths = pipe.execute()
    waiting = dict(zip(contract.by_name, lengths, strict=False))
    return InRedis(
        batches=batches,
        with_worker=with_worker,
        waiting=waiting,
        in_hand=sum(lengths[len(waiting) :]),
        leases=len(keys),
        overdue=overdue,
        used_bytes=memory["used_memory"],
        max_bytes=memory["maxmemory"],
    )


def on_disk(settings: Settings) -> OnDisk | None:
    """This machine's state folder; None where there is none to look at."""
    if not settings.state_dir.is_dir():
        return None
    sizes = []
    for path in settings.spool_dir.glob("*/*.batch"):
        try:
            sizes.append(path.stat().st_size)
        except FileNotFoundError:  # handed over just now
            continue
    return OnDisk(len(sizes), sum(sizes), sum(alive for alive, _ in given_here(settings).values()))


def explained(error: redis.RedisError) -> str:
    """What to read when Redis does not answer."""
    return f"Redis does not answer: {error}. Is it running, and is LOGPIPE_REDIS_URL right?"
