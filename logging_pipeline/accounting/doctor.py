"""Looks at every hop of the journey, from this process' point of view, and names the cure of what is wrong."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import redis
from elasticsearch import Elasticsearch

from logging_pipeline.broker import redis_client
from logging_pipeline.contract import Contract
from logging_pipeline.errors import ConfigurationError, PipelineError
from logging_pipeline.indexes import client as elasticsearch_client
from logging_pipeline.indexes import drift
from logging_pipeline.indexes.ask import ask
from logging_pipeline.journey.stream import list_key
from logging_pipeline.journey.take import LEASES
from logging_pipeline.settings import Settings

__all__ = ["Finding", "Verdict", "examine"]

Verdict = Literal["ok", "warning", "failure"]

FREE_BYTES = 500_000_000  # below it the spool and Elasticsearch have no room to work
SKEW_S = 2.0
LEASE_GRACE_S = 60.0


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What one check found.

    Args:
        hop: where on the journey: settings, disk, redis, worker, consumer, elasticsearch.
        problem: what is wrong, or what was found to be well.
        cure: what to do; empty when all is well.
    """

    hop: str
    verdict: Verdict
    problem: str
    cure: str = ""

    def as_dict(self) -> dict[str, str]:
        """For ``--json``."""
        return asdict(self)


def examine(settings: Settings, contract: Contract) -> list[Finding]:
    """Every hop's findings, in the order of the journey; never raises for what is wrong with a hop."""
    return [finding for check in _CHECKS for finding in check(settings, contract)]


def _settings(settings: Settings, _: Contract) -> Iterator[Finding]:
    if settings.redis_url:
        yield _ok("settings", f"events of {settings.service_name!r} go to logs-{settings.app}.*-{settings.namespace}")
    else:
        yield Finding("settings", "failure", "no broker is set: events go to the console only", "Set LOGPIPE_REDIS_URL")
    if not settings.hash_key:
        yield Finding("settings", "warning", "users are not countable: no hash key", "Set LOGPIPE_HASH_KEY")


def _disk(settings: Settings, _: Contract) -> Iterator[Finding]:
    folder = settings.state_dir.resolve()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        yield Finding("disk", "failure", f"{existing} is not writable", "Change its rights or LOGPIPE_STATE_DIR")
        return
    free = shutil.disk_usage(existing).free
    if free < FREE_BYTES:
        yield Finding("disk", "failure", f"{existing} has {free // 1_000_000} MB free", "Make room: the spool needs it")
    waiting = list(settings.spool_dir.glob("*/*.batch"))
    if waiting:
        size = sum(path.stat().st_size for path in waiting)
        yield Finding(
            "disk",
            "warning",
            f"{len(waiting)} batches ({size} bytes) wait in {settings.spool_dir}",
            "They go by themselves when the broker takes batches again and a producer runs on this machine",
        )
    else:
        yield _ok("disk", f"nothing waits in {settings.spool_dir}")
    for path in settings.spool_dir.glob("*/*.unreadable"):
        yield Finding("disk", "failure", f"{path} is no batch", "It was cut by a crash of the machine; remove it")


def _redis(settings: Settings, contract: Contract) -> Iterator[Finding]:
    if not settings.redis_url:
        return
    try:
        with redis_client(settings, timeout_s=3) as client:
            yield from _redis_itself(client)
            yield from _backlog(client, settings, contract)
            yield from _leases(client)
    except redis.AuthenticationError as error:
        yield Finding("redis", "failure", f"the password is refused: {error}", "Correct it in LOGPIPE_REDIS_URL")
    except redis.RedisError as error:
        yield Finding("redis", "failure", f"not reachable: {error}", "Start it, or correct LOGPIPE_REDIS_URL")


def _redis_itself(client: redis.Redis) -> Iterator[Finding]:
    info: dict[str, Any] = client.info()
    seconds, micros = client.time()
    skew = abs(time.time() - (seconds + micros / 1e6))
    yield _ok("redis", f"answers, version {info.get('valkey_version') or info.get('redis_version')}")
    if skew > SKEW_S:
        yield Finding(
            "redis", "warning", f"its clock differs by {skew:.1f} s", "Synchronise the machines' clocks (NTP)"
        )
    if info.get("maxmemory_policy") != "noeviction":
        yield Finding(
            "redis",
            "failure",
            f"maxmemory-policy is {info.get('maxmemory_policy')}: it may throw waiting events away",
            "Set maxmemory-policy noeviction",
        )
    if not info.get("aof_enabled"):
        yield Finding("redis", "warning", "no append-only file: a restart loses what waits", "Set appendonly yes")
    limit = info.get("maxmemory", 0)
    if limit and info["used_memory"] > 0.9 * limit:
        yield Finding("redis", "failure", "above 90 % of maxmemory", "Run more consumers, or give it more memory")


def _backlog(client: redis.Redis, settings: Settings, contract: Contract) -> Iterator[Finding]:
    batches = int(client.llen(settings.queue))
    if not client.exists(f"_kombu.binding.{settings.queue}"):
        yield Finding("worker", "failure", "no worker has ever listened to the queue", _START_WORKER)
    elif batches > 1_000:
        yield Finding("worker", "failure", f"{batches} batches wait for a worker", _START_WORKER)
    else:
        yield _ok("worker", f"{batches} batches wait in the queue {settings.queue!r}")
    waiting = {name: int(client.llen(list_key(name))) for name in contract.by_name}
    total = sum(waiting.values())
    if total > settings.high_water_events // 10:
        longest = max(waiting, key=lambda name: waiting[name])
        yield Finding("consumer", "failure", f"{total} events wait, most in {list_key(longest)}", _START_CONSUMER)
    else:
        yield _ok("consumer", f"{total} events wait in Redis")
    unknown = [
        key
        for key in (raw.decode("utf-8", "replace") for raw in client.scan_iter("logs:*", count=1_000, _type="list"))
        if ":processing:" not in key and key.removeprefix("logs:") not in contract.by_name
    ]
    if unknown:
        yield Finding(
            "consumer",
            "failure",
            f"lists of categories that nobody declares: {', '.join(sorted(unknown)[:5])}",
            "Set DJANGO_SETTINGS_MODULE, so that the project's events are known, or consume them",
        )


_START_WORKER = "Start one: celery --app celery_workers.logs:app worker --queues logs"
_START_CONSUMER = "Start one: logpipe consume"


def _leases(client: redis.Redis) -> Iterator[Finding]:
    overdue = int(client.zcount(LEASES, "-inf", time.time() - LEASE_GRACE_S))
    if overdue:
        yield Finding(
            "consumer",
            "failure",
            f"{overdue} processing lists with expired leases: their consumer died and none took them over",
            _START_CONSUMER,
        )


def _elasticsearch(settings: Settings, contract: Contract) -> Iterator[Finding]:
    if not settings.elasticsearch_url:
        yield Finding("elasticsearch", "warning", "its address is not set here", "Set LOGPIPE_ELASTICSEARCH_URL")
        return
    try:
        with elasticsearch_client(settings, timeout_s=5) as client:
            yield from _streams(client, settings, contract)
    except ConfigurationError as error:
        yield Finding("elasticsearch", "failure", f"{error.setting}: {error.problem}", error.cure)
    except PipelineError as error:
        yield Finding("elasticsearch", "failure", str(error), "Start it, and give this process a user that may ask")


def _streams(client: Elasticsearch, settings: Settings, contract: Contract) -> Iterator[Finding]:
    health = ask(client, "GET", "/_cluster/health")
    if health["status"] == "red":
        yield Finding("elasticsearch", "failure", "the cluster is red: a primary shard is missing", "See its own log")
    else:
        yield _ok("elasticsearch", f"answers, the cluster is {health['status']}")
    differences = drift(client, settings, contract)
    for stream, difference in differences.items():
        yield Finding("elasticsearch", "failure", f"{stream}: {difference}", "Run logpipe setup")
    if not differences:
        yield _ok("elasticsearch", f"{len(contract.by_name)} categories have their data streams")


def _ok(hop: str, what: str) -> Finding:
    return Finding(hop, "ok", what)


_CHECKS: tuple[Callable[[Settings, Contract], Iterator[Finding]], ...] = (_settings, _disk, _redis, _elasticsearch)
