"""The Celery app that carries batches: its own Redis database, its own queue, apart from the project's tasks."""

from __future__ import annotations

import mmap
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import redis
from celery import Celery
from celery.exceptions import Reject
from celery.signals import worker_shutting_down
from kombu import Queue
from kombu.exceptions import OperationalError
from kombu.utils.uuid import uuid

from logging_pipeline import metrics
from logging_pipeline.contract import contract
from logging_pipeline.errors import BrokerUnavailable
from logging_pipeline.journey.pack import Batch
from logging_pipeline.journey.ship import Send
from logging_pipeline.journey.stream import list_key, stream
from logging_pipeline.queue_message import packed, unpacked
from logging_pipeline.settings import Settings
from logging_pipeline.stderr import complain

__all__ = ["STREAM_TASK", "Pressure", "logs_app", "redis_client", "sender"]

STREAM_TASK = "logging_pipeline.stream"
LEVELS_KEY = "logs:levels"
"""Redis hash of logger name to level, for changes while everything runs."""

VISIBILITY_TIMEOUT_S = 60
"""A batch whose worker vanished is delivered again after this long, and before 90 s with the sweep below."""


for _module in (
    "celery.app.amqp",
    "celery.app.events",
    "celery.backends.base",
    "celery.events.dispatcher",
    "celery.loaders.app",
    "celery.result",
    "encodings.idna",
    "logging_pipeline.redis_transport",
):
    # What would be imported with the first batch, on the flusher: should the process fork just then, the child would
    # wait for ever for a module that nobody finishes.
    import_module(_module)


def logs_app(settings: Settings, *, publisher: bool = False) -> Celery:
    """
    The logs' Celery app; no connection is made.

    Args:
        publisher: time limits of a process that must not wait, instead of a worker's.
    """
    fixups: list[str] | None = [] if publisher else None  # Django's are for workers
    app = Celery("logging_pipeline", broker=settings.redis_url, set_as_current=False, fixups=fixups)
    transport: dict[str, Any] = {
        "visibility_timeout": VISIBILITY_TIMEOUT_S,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": settings.ship_timeout_s if publisher else 15.0,
        "socket_connect_timeout": settings.ship_timeout_s,
    }
    if publisher:
        transport["max_retries"] = 0
        app.conf.broker_transport = "logging_pipeline.redis_transport:PublishingTransport"
    else:  # kombu's own loses what it has popped and not yet written down
        app.conf.broker_transport = "logging_pipeline.redis_transport:Transport"
        _end_soon()
    app.conf.update(
        accept_content=["msgpack"],
        task_serializer="msgpack",
        task_ignore_result=True,
        task_default_queue=settings.queue,
        task_queues=[Queue(settings.queue)],
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_create_missing_queues=False,
        worker_prefetch_multiplier=2,
        worker_proc_alive_timeout=60.0,  # Celery's 4 s have killed children of a busy machine again and again
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # Celery's 100 end a worker in the first hour of an outage
        broker_connection_timeout=settings.ship_timeout_s if publisher else 5.0,
        broker_pool_limit=1 if publisher else 4,
        broker_transport_options=transport,
        broker_heartbeat=None,
        enable_utc=True,
    )
    if not publisher:
        _register_stream(app, settings)
    return app


def _end_soon() -> None:
    """
    Let a child that ends wait three seconds, not thirty, until its parent has read how its last task went.

    A parent that is told to end while Redis is away does not read it any more; the batch is delivered again.
    """
    from billiard import pool  # who only publishes has no children

    pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = 30  # tenths of a second


def sender(settings: Settings) -> Send:
    """What `ship` calls: publishes one batch, or raises `BrokerUnavailable` within ``ship_timeout_s``."""
    app = logs_app(settings, publisher=True)
    # Not from kombu's pool, which is shared by all apps of the process and, after a fork, with the parent.
    producer = app.amqp.Producer(app.connection_for_write(), auto_declare=False)

    def send(batch: Batch) -> None:
        started = time.perf_counter()
        # What `Celery.send_task` comes to, without a third of its time: nothing is routed here, declared, or signalled.
        headers, properties, body, _ = app.amqp.create_task_message(
            uuid(),
            STREAM_TASK,
            (batch.id, packed(batch.bodies)),
            {},
            argsrepr=repr(batch.id),  # Celery would put the bytes into words
            kwargsrepr="{}",
            ignore_result=True,
        )
        try:
            producer.publish(
                body, routing_key=settings.queue, serializer="msgpack", headers=headers, retry=False, **properties
            )
        except (OperationalError, redis.RedisError, OSError) as error:
            metrics.SHIP_FAILURES.inc()
            raise BrokerUnavailable(str(error)) from error
        metrics.SHIP_SECONDS.observe(time.perf_counter() - started)

    return send


def redis_client(settings: Settings, *, timeout_s: float = 5.0) -> redis.Redis:
    """A client of the logs' Redis database; connects with the first command."""
    return redis.Redis.from_url(
        settings.redis_url,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        health_check_interval=30,
        client_name="logging_pipeline",
    )


class Pressure:
    """
    Asks Redis once a second how much waits there, and which levels were set meanwhile.

    Args:
        apply_levels: called with the hash of `LEVELS_KEY` when it changed; what left it goes back to its setting.
    """

    INTERVAL_S = 1.0

    def __init__(self, settings: Settings, apply_levels: Callable[[dict[str, str]], None]) -> None:
        self._settings = settings
        self._client = redis_client(settings, timeout_s=settings.ship_timeout_s)
        self._apply_levels = apply_levels
        self._asked_at = 0.0
        self._levels: dict[str, str] = {}
        self._high = False

    def __call__(self) -> bool:
        """Whether more waits in Redis than ``high_water_events``; what is not known counts as no."""
        now = time.monotonic()
        if now - self._asked_at < self.INTERVAL_S:
            return self._high
        self._asked_at = now
        try:
            waiting, levels = self._ask()
        except (redis.RedisError, OSError):
            self._asked_at = now + 5 * self.INTERVAL_S  # `ship` finds out by itself, and has a breaker
            self._high = False
            return False
        self._high = waiting > self._settings.high_water_events
        if levels != self._levels:
            configured = self._settings.levels_by_logger
            back = {name: configured.get(name, "notset") for name in self._levels if name not in levels}
            self._levels = levels
            self._apply_levels({**back, **levels})
        return self._high

    def _ask(self) -> tuple[int, dict[str, str]]:
        with self._client.pipeline(transaction=False) as pipe:
            pipe.llen(self._settings.queue)
            for category in contract().by_name:
                pipe.llen(list_key(category))
            pipe.hgetall(LEVELS_KEY)
            batches, *lists, levels = pipe.execute()
        decoded = {name.decode("utf-8", "replace"): level.decode("utf-8", "replace") for name, level in levels.items()}
        return batches * self._settings.batch_max_events + sum(lists), decoded


def _register_stream(app: Celery, settings: Settings) -> None:
    clients = threading.local()
    stopping = mmap.mmap(-1, 1)  # shared with the worker's children, who are not told otherwise
    worker_shutting_down.connect(lambda **_: stopping.write_byte(1), weak=False)

    def stream_batch(batch_id: str, argument: bytes) -> None:
        """Stage 9: push the batch to its lists, once; tried until Redis takes it."""
        bodies = unpacked(argument)
        if not hasattr(clients, "redis"):
            clients.redis = redis_client(settings)
        first = _patiently(lambda: stream(batch_id, bodies, client=clients.redis), batch_id, lambda: stopping[0] == 1)
        if not first:
            metrics.STREAM_REPEATS.inc()
            return
        for category, body in bodies.items():
            metrics.STREAMED.labels(category).inc(body.count(b"\n") + 1)

    app.task(name=STREAM_TASK, ignore_result=True, shared=False)(stream_batch)  # no task of the project's own apps


def _patiently(push: Callable[[], bool], batch_id: str, is_stopping: Callable[[], bool]) -> bool:
    """
    *push* until it works; Redis is the broker too, so while it is away there is nothing better to do.

    Until this returns, the batch is unacknowledged; should it be delivered to another worker meanwhile, its id keeps it
    one.

    Raises:
        Reject: the worker is to end. The batch stays unacknowledged where it is.
    """
    pause_s = 0.1
    while True:
        try:
            return push()
        except redis.RedisError as error:
            if is_stopping():
                raise Reject(str(error), requeue=True) from error
            complain("stream", f"batch {batch_id}: {error}; will be tried again")
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, 5.0)
