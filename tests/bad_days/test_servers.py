"""Bad days of the servers: Redis and Elasticsearch are killed, frozen, full, or refuse."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from redis import Redis, ResponseError

from tests.bad_days.day import Day
from tests.bad_days.pipeline import until

OUTAGE_S = 60

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


def test_an_ordinary_day(day: Day):
    """With nothing wrong, every event is indexed, once."""
    day.emitter().wait_for(1_000)
    day.quiet()
    verdict = day.account()
    assert (verdict.stored, verdict.lost) == (verdict.said, {})


def test_redis_killed_and_restarted(day: Day):
    """Redis killed under load costs at most what it had not appended to its file; batches wait on disk meanwhile."""
    emitter = day.emitter()
    emitter.wait_for(500)
    for _ in range(3):
        day.pipeline.redis.kill()
        killed = time.monotonic()
        day.excuses.append((killed - 2, killed + 0.5))  # `appendfsync everysec` puts an append off for at most 2 s
        emitter.wait_for(emitter.said() + 300)
        day.pipeline.redis.start()
        emitter.wait_for(emitter.said() + 300)
    day.quiet()
    day.account()


def test_redis_full(day: Day):
    """A Redis that refuses writes loses nothing that waits in it, and empties by itself; new batches wait on disk."""
    day.pipeline.worker.pause()
    emitter = day.emitter()
    emitter.wait_for(1_000)
    until(lambda: day.pipeline.waiting() >= 4)
    with day.pipeline.client() as client:
        client.config_set("maxmemory", 1)
    day.pipeline.worker.resume()
    emitter.wait_for(2_000)
    until(lambda: list(day.settings.spool_dir.glob("*/*.batch")))
    until(lambda: day.pipeline.waiting() == 0, day.pipeline.waiting)
    assert day.pipeline.worker.running
    with day.pipeline.client() as client:
        client.config_set("maxmemory", "1gb")
    day.quiet()
    assert day.account().lost == {}


def test_a_redis_that_refuses(day: Day):
    """A replica, a server held by a script, a user without rights: no part ends, and no event is lost."""
    emitter = day.emitter()
    emitter.wait_for(500)
    for mood in (replica, busy, without_rights):
        with mood(day.pipeline.redis.url(1)):
            emitter.wait_for(emitter.said() + 500)
            until(lambda: list(day.settings.spool_dir.glob("*/*.batch")))
        emitter.wait_for(emitter.said() + 300)
    day.quiet()
    verdict = day.account()
    assert verdict.stored == verdict.said


@contextmanager
def replica(url: str) -> Iterator[None]:
    """As after a failover: it can be read, and answers every write ``READONLY``."""
    with Redis.from_url(url) as client:
        client.replicaof("127.0.0.1", 1)
        try:
            yield
        finally:
            client.replicaof("NO", "ONE")


@contextmanager
def busy(url: str) -> Iterator[None]:
    """Somebody's script does not come to its end: whatever is asked is answered ``BUSY``."""
    with Redis.from_url(url) as client, Redis.from_url(url) as other, ThreadPoolExecutor(1) as beside:
        client.config_set("busy-reply-threshold", 10)
        endless = beside.submit(other.eval, "while true do end", 0)
        try:
            yield
        finally:
            client.script_kill()
        assert isinstance(endless.exception(), ResponseError)


@contextmanager
def without_rights(url: str) -> Iterator[None]:
    """Somebody has taken its rights from the pipeline's user: ``NOPERM``."""
    with Redis.from_url(url) as client:
        client.execute_command("ACL SETUSER default -@all +acl")
        try:
            yield
        finally:
            client.execute_command("ACL SETUSER default +@all")


def test_a_broker_that_hangs(day: Day):
    """A broker that accepts and never answers slows nobody who logs down, and costs no event."""
    emitter = day.emitter("--flush-every=60")
    emitter.wait_for(500)
    day.pipeline.redis.pause()
    emitter.wait_for(3_000)
    assert list(day.settings.spool_dir.glob("*/*.batch"))
    day.pipeline.redis.resume()
    day.quiet()
    assert day.account().lost == {}


def test_elasticsearch_stopped(day: Day):
    """For a minute: it freezes, then nobody listens. Events wait in Redis, and are stored once when it is back."""
    emitter = day.emitter("--rate=100")
    emitter.wait_for(100)
    day.pipeline.elasticsearch.pause()
    time.sleep(OUTAGE_S / 2)
    day.pipeline.front.mood = "away"
    time.sleep(OUTAGE_S / 2)
    assert day.pipeline.front.turned_away >= 3
    emitter.wait_for(emitter.said() + 100)
    day.pipeline.elasticsearch.resume()
    day.pipeline.front.mood = "passing"
    day.quiet()
    verdict = day.account()
    assert verdict.stored == verdict.said


def test_elasticsearch_too_busy(day: Day):
    """What is answered 429 is sent again until it is taken."""
    emitter = day.emitter()
    day.pipeline.front.mood = "busy"
    emitter.wait_for(1_000)
    until(lambda: day.pipeline.front.turned_away >= 3)
    day.pipeline.front.mood = "passing"
    day.quiet()
    verdict = day.account()
    assert verdict.stored == verdict.said


def test_elasticsearch_read_only_for_want_of_disk(day: Day):
    """Events wait in Redis while every index is read-only, and none becomes a dead letter."""
    streams = f"logs-shop.*-{day.pipeline.namespace}"
    block = {"index.blocks.read_only_allow_delete": True}
    with day.pipeline.elasticsearch.client() as admin:

        def hold() -> int:
            """Elasticsearch looks at its disk every 30 seconds, which is not full, and lifts the block."""
            admin.indices.put_settings(index=streams, settings=block)
            return day.pipeline.waiting()

        try:
            hold()
            day.emitter().wait_for(1_000)
            until(lambda: hold() >= 500)
        finally:
            admin.indices.put_settings(index=streams, settings=dict.fromkeys(block))
    day.quiet()
    verdict = day.account()
    assert verdict.stored == verdict.said
