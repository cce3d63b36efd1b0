"""From a producer through Celery's broker and the log worker into Redis, on real parts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis

from logging_pipeline.broker import Pressure, sender
from logging_pipeline.journey.pack import Batch
from logging_pipeline.producer import Producer
from logging_pipeline.settings import Settings
from tests.servers import RedisProcess
from tests.tiny_project.servers import ROOT, clean_environ


def until(condition: Callable[[], Any], timeout_s: float = 30) -> Any:
    deadline = time.monotonic() + timeout_s
    while not (found := condition()):
        assert time.monotonic() < deadline, condition
        time.sleep(0.02)
    return found


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    """A Redis of this module's own, which faults may be done to."""
    server = RedisProcess(tmp_path_factory.mktemp("broker"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def worker(broker, tmp_path_factory):
    """The log worker with two children."""
    output = tmp_path_factory.mktemp("worker") / "output.log"
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "--app", "celery_workers.logs:app", "worker", "--concurrency", "2",
             "--loglevel", "info", "--without-gossip", "--without-mingle"],
            cwd=ROOT, env={**clean_environ(), "LOGPIPE_REDIS_URL": broker.url(1), "LOGPIPE_APP": "shop"},
            stdout=stream, stderr=subprocess.STDOUT,
        )  # fmt: skip
        until(lambda: "ready" in output.read_text())
        yield process
        process.terminate()
        process.wait(30)


@pytest.fixture
def client(broker):
    broker.resume()
    with redis.Redis.from_url(broker.url(1)) as client:
        client.config_set("maxmemory", "1gb")
        yield client


@pytest.fixture
def settings(broker, tmp_path):
    return Settings(
        app="shop",
        redis_url=broker.url(1),
        state_dir=tmp_path,
        flush_interval_s=0.02,
        ship_timeout_s=0.5,
        batch_max_events=50,
    )


def producer_of(settings: Settings) -> Producer:
    pressure = Pressure(settings, lambda _: None)
    return Producer(settings, make_send=lambda: sender(settings), pressure=pressure)


def texts(client: redis.Redis, producer: Producer) -> list[str]:
    """Messages of *producer*'s events in the list, in its order."""
    events = [json.loads(line) for line in client.lrange("logs:system", 0, -1)]
    return [event["message"] for event in events if event["agent"]["ephemeral_id"] == producer.ephemeral_id]


def log(producer: Producer, count: int, start: int = 0) -> None:
    for number in range(start, start + count):
        producer.emit(20, "shop", f"event {number}", {})


def test_every_event_arrives_once(worker, client, settings):
    """A thousand calls, a thousand elements in the list, numbered from 1."""
    producer = producer_of(settings)
    log(producer, 1_000)
    producer.close()
    until(lambda: len(texts(client, producer)) >= 1_000)
    assert sorted(texts(client, producer)) == sorted(f"event {number}" for number in range(1_000))


def test_a_batch_that_is_published_twice_arrives_once(worker, client, settings):
    """As after a publish that timed out and had been applied all the same."""
    send = sender(settings)
    batch = Batch("twice", {"audit": b'{"n":1}'}, {"audit": [1]})
    for _ in range(3):
        send(batch)
    send(Batch("after", {"audit": b'{"n":2}'}, {"audit": [2]}))
    until(lambda: client.exists("logs:batch:after") and client.llen("logs") == 0 and client.hlen("unacked") == 0)
    assert sorted(client.lrange("logs:audit", 0, -1)) == [b'{"n":1}', b'{"n":2}']


@pytest.mark.parametrize("fault", ["stop", "pause"])
def test_an_outage_of_the_broker_loses_nothing(worker, broker, settings, fault):
    """Refusing or hanging: batches wait on disk, and arrive in order when it is back."""
    producer = producer_of(settings)
    log(producer, 10)
    producer.flush()
    getattr(broker, fault)()
    for start in range(10, 60, 10):
        log(producer, 10, start)
        producer.flush()
    assert producer._spool.batches > 0
    broker.resume() if fault == "pause" else broker.start()
    with redis.Redis.from_url(broker.url(1)) as client:
        until(lambda: len(texts(client, producer)) >= 60)
        producer.close()
        assert sorted(texts(client, producer)) == sorted(f"event {number}" for number in range(60))
    assert producer._spool.batches == 0


def test_a_killed_worker_child_loses_nothing(worker, client, settings):
    """The batch is delivered again, and its id keeps it from arriving twice."""
    producer = producer_of(settings)
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(worker.pid)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    log(producer, 300)
    os.kill(int(children[0]), signal.SIGKILL)
    log(producer, 300, 300)
    producer.close()
    until(lambda: len(texts(client, producer)) >= 600, timeout_s=100)
    assert sorted(texts(client, producer)) == sorted(f"event {number}" for number in range(600))


def test_a_full_redis_is_waited_for(worker, client, settings):
    """With ``noeviction`` nothing can be pushed: producers spool, the worker lives, and all arrives afterwards."""
    producer = producer_of(settings)
    client.config_set("maxmemory", 1)
    log(producer, 100)
    producer.flush()
    assert producer._spool.batches > 0
    client.config_set("maxmemory", "1gb")
    until(lambda: len(texts(client, producer)) >= 100)
    assert worker.poll() is None
    assert sorted(texts(client, producer)) == sorted(f"event {number}" for number in range(100))


@pytest.mark.parametrize(
    ("fault", "cure"),
    [
        ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),  # what a failover makes of the old master
        ("ACL SETUSER default -blmove -evalsha", "ACL SETUSER default +@all"),
    ],
    ids=["replica", "rights"],
)
def test_a_broker_that_refuses_ends_no_worker(worker, client, settings, fault, cure):
    """It answers, and with errors only: the worker asks again until it does not."""
    client.config_resetstat()
    client.execute_command(*fault.split())
    try:
        until(lambda: worker.poll() is not None or client.info("stats")["total_error_replies"] >= 3)
    finally:
        client.execute_command(*cure.split())
    producer = producer_of(settings)
    log(producer, 10)
    producer.close()
    until(lambda: worker.poll() is not None or len(texts(client, producer)) >= 10)
    assert worker.poll() is None


def test_the_worker_does_not_log_through_the_pipeline(worker, client):
    """Or each batch would beget another."""
    lines = [json.loads(line) for key in ("logs:system", "logs:task") for line in client.lrange(key, 0, -1)]
    assert [event for event in lines if event["log"]["logger"].startswith(("celery", "kombu", "redis"))] == []
