"""The hand-over to Celery's broker: in time or not at all, by msgpack, and once."""

from __future__ import annotations

import base64
import json
import time
import zlib

import msgpack
import pytest
import redis
from celery import Celery
from celery.exceptions import Reject
from kombu import Connection
from kombu.transport.redis import Transport

from celery_workers.shop import app as shop
from logging_pipeline.broker import LEVELS_KEY, STREAM_TASK, Pressure, _patiently, logs_app, sender
from logging_pipeline.errors import BrokerUnavailable
from logging_pipeline.journey.pack import Batch
from logging_pipeline.queue_message import batch_of
from logging_pipeline.settings import Settings

BATCH = Batch("b1", {"order": b'{"a":1}\n{"a":2}', "http": b"{}"}, {"order": [1, 2], "http": [1]})
TIMEOUT_S = 0.5


def settings(url: str, **more: object) -> Settings:
    return Settings(app="shop", redis_url=url, ship_timeout_s=TIMEOUT_S, **more)


def test_a_batch_is_one_celery_message_in_msgpack(redis_url):
    """The body is msgpack of the id and of bytes by category, those compressed: nothing in it can run code."""
    sender(settings(redis_url))(BATCH)
    with redis.Redis.from_url(redis_url) as client:
        (message,) = client.lrange("logs", 0, -1)
    message = json.loads(message)
    assert message["headers"]["task"] == STREAM_TASK
    assert message["content-type"] == "application/x-msgpack"
    (batch_id, argument), _, _ = msgpack.unpackb(base64.b64decode(message["body"]))
    assert (batch_id, msgpack.unpackb(zlib.decompress(argument))) == ("b1", BATCH.bodies)
    assert batch_of(message) == ("b1", BATCH.bodies)


@pytest.mark.parametrize(
    "message",
    [{}, {"body": 5, "headers": {}}, {"body": "kjE=", "headers": {}}, {"body": "kA==", "headers": {}},
     {"body": "k5IBAsDA", "headers": {}}, *({"body": base64.b64encode(msgpack.packb([["id", argument], {}])).decode()}
     for argument in (b"", 5, zlib.compress(b""), zlib.compress(b"\xc1"), zlib.compress(msgpack.packb([]))))],
)  # fmt: skip
def test_another_tasks_message_is_no_batch(message):
    """Whatever lies in the queue is told apart, and not taken for events."""
    with pytest.raises(ValueError, match="no batch"):
        batch_of(message)


def test_pickle_is_not_accepted():
    """Neither side of the logs' app reads or writes it."""
    conf = logs_app(settings("redis://localhost/1")).conf
    assert conf.accept_content == ["msgpack"]
    assert conf.task_serializer == "msgpack"
    assert conf.result_accept_content in (None, ["msgpack"])


def test_the_pipelines_task_is_none_of_the_projects(recwarn):
    """However often a process makes what publishes (once, and again in each fork), its own apps know nothing of it."""
    for _ in range(3):
        sender(settings("redis://127.0.0.1:9/1"))
    assert STREAM_TASK in logs_app(settings("redis://127.0.0.1:9/1")).tasks
    with Celery("a project's", set_as_current=False) as own:
        assert STREAM_TASK not in own.tasks
    assert not recwarn.list


@pytest.mark.parametrize("workers", ["logs", "shop"])
def test_a_worker_never_gives_its_broker_up(workers):
    """However long it is away; attempts are seconds apart, and here not apart at all."""
    app = shop if workers == "shop" else logs_app(settings("redis://127.0.0.1:9/1"))
    attempts = []

    def note(error: Exception, _interval_s: float) -> None:
        attempts.append(error)
        if len(attempts) == 150:
            raise TimeoutError

    class Away(Transport):
        def establish_connection(self) -> None:
            raise ConnectionRefusedError

    with Connection(transport=Away) as connection, pytest.raises(TimeoutError):
        connection.ensure_connection(
            note, app.conf.broker_connection_max_retries, 0, 0, 0, reraise_as_library_errors=False
        )


def test_a_broker_that_refuses_is_told_of_at_once(redis_url, redis_server):
    """No retries: the spool is the retry. When it is back, the same sender works again."""
    send = sender(settings(redis_url))
    send(BATCH)
    redis_server.stop()
    started = time.monotonic()
    with pytest.raises(BrokerUnavailable):
        send(BATCH)
    assert time.monotonic() - started < TIMEOUT_S
    redis_server.start()
    send(BATCH)


def test_a_broker_that_was_never_there_is_told_of_at_once(redis_url, redis_server):
    """A process may start before its broker."""
    redis_server.stop()
    send = sender(settings(redis_url))
    started = time.monotonic()
    for _ in range(3):
        with pytest.raises(BrokerUnavailable):
            send(BATCH)
    assert time.monotonic() - started < 3 * TIMEOUT_S
    redis_server.start()
    send(BATCH)


def test_a_broker_that_hangs_costs_no_more_than_the_timeout(redis_url, redis_server):
    """Frozen, not dead: connections stay open and nobody answers."""
    send = sender(settings(redis_url))
    send(BATCH)
    redis_server.pause()
    started = time.monotonic()
    with pytest.raises(BrokerUnavailable):
        send(BATCH)
    assert time.monotonic() - started < 2.5 * TIMEOUT_S
    redis_server.resume()
    send(BATCH)


def test_a_full_broker_is_unavailable(redis_url):
    """With ``noeviction`` Redis refuses to write: the batch stays with the producer."""
    send = sender(settings(redis_url))
    send(BATCH)
    with redis.Redis.from_url(redis_url) as client:
        client.config_set("maxmemory", 1)
        with pytest.raises(BrokerUnavailable):
            send(BATCH)
        client.config_set("maxmemory", "1gb")
    send(BATCH)


class Levels:
    """Remembers what it was told to apply."""

    def __init__(self) -> None:
        self.applied: list[dict[str, str]] = []

    def __call__(self, levels: dict[str, str]) -> None:
        self.applied.append(levels)


def asked_again(pressure: Pressure) -> bool:
    pressure._asked_at = 0.0
    return pressure()


def test_pressure_is_what_waits_in_the_lists_and_in_the_queue(redis_url):
    """Above the high-water mark producers keep their batches on disk."""
    pressure = Pressure(settings(redis_url, high_water_events=10, batch_max_events=4), Levels())
    assert not pressure()
    with redis.Redis.from_url(redis_url) as client:
        client.rpush("logs:http", *range(7))
        assert not asked_again(pressure)
        client.rpush("logs", "a batch")
        assert asked_again(pressure)
        client.delete("logs")
        assert not asked_again(pressure)


def test_redis_is_asked_at_most_once_a_second(redis_url, redis_server):
    """Between two questions the last answer holds."""
    pressure = Pressure(settings(redis_url, high_water_events=1), Levels())
    pressure()
    with redis.Redis.from_url(redis_url) as client:
        client.rpush("logs:http", 1, 2)
    assert not pressure()
    assert asked_again(pressure)


@pytest.mark.parametrize("fault", ["stop", "pause"])
def test_no_pressure_is_known_of_a_redis_that_is_away(redis_url, redis_server, fault):
    """The question takes no longer than the timeout, and is not asked again soon."""
    pressure = Pressure(settings(redis_url), Levels())
    pressure()
    getattr(redis_server, fault)()
    started = time.monotonic()
    assert not asked_again(pressure)
    assert time.monotonic() - started < 2.5 * TIMEOUT_S
    started = time.monotonic()
    assert not pressure()
    assert time.monotonic() - started < 0.1


def test_levels_follow_the_hash_while_the_program_runs(redis_url):
    """A level that was set is applied; one that was taken away goes back to what the settings say."""
    levels = Levels()
    pressure = Pressure(settings(redis_url, levels=("shop.cart=error",)), levels)
    pressure()
    with redis.Redis.from_url(redis_url) as client:
        client.hset(LEVELS_KEY, mapping={"shop.cart": "debug", "shop.orders": "debug"})
        asked_again(pressure)
        asked_again(pressure)
        client.delete(LEVELS_KEY)
        asked_again(pressure)
    assert levels.applied == [
        {"shop.cart": "debug", "shop.orders": "debug"},
        {"shop.cart": "error", "shop.orders": "notset"},
    ]


@pytest.mark.parametrize("fault", [redis.exceptions.OutOfMemoryError("full"), redis.ConnectionError("away")])
def test_the_worker_waits_for_redis(fault, capsys):
    """It neither fails the batch nor gives it back: for both, Redis would have to be there and have room."""
    answers = [fault, fault, True]

    def push() -> bool:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert _patiently(push, "b1", lambda: False)
    assert capsys.readouterr().err.count("batch b1") == 2


def test_a_worker_that_is_to_end_does_not_wait_for_redis():
    """The batch stays unacknowledged: it is delivered again."""

    def push() -> bool:
        raise redis.ConnectionError("away")

    with pytest.raises(Reject) as caught:
        _patiently(push, "b1", lambda: True)
    assert caught.value.requeue
