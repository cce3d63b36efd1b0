"""The consumer, or Logstash: does somebody take what waits, and finish what was taken?"""

from __future__ import annotations

from collections.abc import Iterator

import redis

from logging_pipeline.accounting.doctor.finding import Finding, failure, ok, warning
from logging_pipeline.contract import Contract
from logging_pipeline.journey.stream import list_key
from logging_pipeline.journey.take import LEASES
from logging_pipeline.settings import Settings

__all__ = ["consumer"]

LEASE_GRACE_S = 60.0  # a consumer that runs takes expired leases over within half a lease
FULL_EVENTS = 50_000  # in consumers' hands at once; ten workers with full batches hold 10,000
START = "Start one: logpipe consume"
CLIENT_NAME = "logpipe-consumer"


def consumer(client: redis.Redis, settings: Settings, contract: Contract) -> Iterator[Finding]:
    """
    Backlog, lists that nobody takes from, and processing lists.

    Raises:
        redis.RedisError: Redis does not answer.
    """
    waiting = {name: int(client.llen(list_key(name))) for name in contract.by_name}
    total = sum(waiting.values())
    longest = max(waiting, key=lambda name: waiting[name])
    if not _takes(client):
        told = failure if total else warning
        yield told("consumer", f"no consumer takes events; {total} wait in Redis", START)
    else:
        yield ok("consumer", f"{total} events wait in Redis")
    if total > settings.high_water_events:
        yield failure(
            "consumer",
            f"{total} events wait, more than the high-water mark: producers keep theirs on disk",
            f"Most wait in {list_key(longest)}. Run more consumers, or see what slows Elasticsearch",
        )
    elif total > settings.high_water_events // 10:
        yield failure("consumer", f"{total} events wait, most in {list_key(longest)}", f"It lags. {START}")
    lists = [raw.decode("utf-8", "replace") for raw in client.scan_iter("logs:*", count=1_000, _type="list")]
    yield from _unknown([key for key in lists if ":processing:" not in key], contract)
    yield from _in_hand(client, [key for key in lists if ":processing:" in key])


def _takes(client: redis.Redis) -> bool:
    """A consumer of ours has a name; a real Logstash is seen by what it asks."""
    clients = client.client_list()
    return any(other["name"] == CLIENT_NAME or other["cmd"].lower() in ("blpop", "evalsha") for other in clients)


def _unknown(keys: list[str], contract: Contract) -> Iterator[Finding]:
    unknown = sorted(key for key in keys if key.removeprefix("logs:") not in contract.by_name)
    if unknown:
        yield failure(
            "consumer",
            f"lists of categories that nobody declares: {', '.join(unknown[:5])}",
            "Set DJANGO_SETTINGS_MODULE, so that the project's events are known, or add an input for them to "
            "logstash/pipelines/logs/10-inputs.conf",
        )


def _in_hand(client: redis.Redis, keys: list[str]) -> Iterator[Finding]:
    seconds, _ = client.time()  # leases end by Redis' clock
    overdue = int(client.zcount(LEASES, "-inf", seconds - LEASE_GRACE_S))
    if overdue:
        yield failure(
            "consumer",
            f"{overdue} processing lists with expired leases: their consumer died and none took them over",
            START,
        )
    in_hand = sum(int(client.llen(key)) for key in keys)
    if in_hand > FULL_EVENTS:
        yield failure(
            "consumer",
            f"{in_hand} events are in consumers' hands and not written",
            "Elasticsearch is slow or refuses: see its findings below, and the consumer's standard error",
        )
    for key in keys:
        if client.zscore(LEASES, key) is None and client.exists(key):
            yield failure(
                "consumer",
                f"{key} is leased by nobody: its events would stay there for ever",
                f"Have them taken again: redis-cli ZADD {LEASES} 0 {key}",
            )
