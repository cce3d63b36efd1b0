"""Redis itself: does it keep what it is given?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import redis

from logging_pipeline.accounting.doctor.finding import Finding, failure, ok, warning
from logging_pipeline.settings import Settings

__all__ = ["redis_server"]

OLDEST_VERSION = (7, 0)  # the first whose scripts can say that a full server may run them
SKEW_S = 2.0
NEARLY_FULL = 0.9
KEYS_SEEN = 10_000  # enough to meet a stranger


def redis_server(client: redis.Redis, settings: Settings) -> Iterator[Finding]:
    """
    Version, clock, memory, persistence, and whether the database is the logs' own.

    Raises:
        redis.RedisError: it does not answer.
    """
    info: dict[str, Any] = client.info()
    told = str(info.get("valkey_version") or info.get("redis_version"))
    if _numbers(str(info.get("redis_version"))) < OLDEST_VERSION:
        wanted = ".".join(map(str, OLDEST_VERSION))
        yield failure("redis", f"version {told} is too old", f"Use {wanted} or newer")
    else:
        yield ok("redis", f"answers, version {told}")
    if info.get("role") != "master":
        yield failure("redis", "it is a replica: it takes no events", "Give the primary's address in LOGPIPE_REDIS_URL")
    yield from _clock(client)
    yield from _memory(info)
    if not info.get("aof_enabled"):
        yield warning("redis", "no append-only file: a restart loses what waits", "Set appendonly yes")
    elif info.get("aof_last_write_status") != "ok":
        yield failure("redis", "it cannot write its append-only file", "Make room on its disk")
    yield from _strangers(client, settings)


def _clock(client: redis.Redis) -> Iterator[Finding]:
    seconds, micros = client.time()
    skew = abs(time.time() - (seconds + micros / 1e6))
    if skew > SKEW_S:
        yield warning("redis", f"its clock differs by {skew:.1f} s", "Synchronise the machines' clocks (NTP)")


def _memory(info: dict[str, Any]) -> Iterator[Finding]:
    policy, limit, used = info.get("maxmemory_policy"), info.get("maxmemory", 0), info["used_memory"]
    if policy != "noeviction":
        yield failure(
            "redis",
            f"maxmemory-policy is {policy}: it may throw waiting events away",
            "Set maxmemory-policy noeviction",
        )
    if not limit:
        yield warning("redis", "no maxmemory: a backlog may take the machine's memory", "Set maxmemory, e.g. 1gb")
    elif used > NEARLY_FULL * limit:
        yield failure(
            "redis",
            f"above 90 % of maxmemory ({used} of {limit} bytes): it will refuse events",
            "Run more consumers, or give it more memory",
        )


def _strangers(client: redis.Redis, settings: Settings) -> Iterator[Finding]:
    """Keys that are neither ours nor those of Celery for our queue."""
    ours = ("logs:", "unacked", "_kombu.", settings.queue)
    keys = (raw.decode("utf-8", "replace") for raw in islice(client.scan_iter(count=1_000), KEYS_SEEN))
    strange = sorted(key for key in keys if not key.startswith(ours) and not key.endswith(".pidbox"))
    if strange:
        yield failure(
            "redis",
            f"the database holds keys of others, e.g. {', '.join(strange[:3])}",
            "Give the logs a database of their own in LOGPIPE_REDIS_URL, e.g. /1",
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
