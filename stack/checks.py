"""Health checks and drain checks: each makes a `Check` for a row of the table."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import redis
import requests
from celery import Celery
from kombu.exceptions import OperationalError

from stack.program import Check

__all__ = ["all_of", "celery_answers", "disk_has_room", "http_answers", "redis_is_empty_of", "tcp_answers"]

TIMEOUT_S = 2.0


GIGABYTE = 1_000_000_000


def all_of(*checks: Check) -> Check:
    """The first problem that one of *checks* finds."""
    return lambda: next((problem for check in checks if (problem := check())), None)


def disk_has_room(folder: Path, least_bytes: int) -> Check:
    """The disk of *folder* has *least_bytes* free."""

    def check() -> str | None:
        free = shutil.disk_usage(folder).free
        if free >= least_bytes:
            return None
        return f"the disk of {folder} has {free / GIGABYTE:.1f} GB free; make room, or events will wait in Redis"

    return check


def http_answers(url: str) -> Check:
    """``GET`` *url* answers 200."""

    def check() -> str | None:
        try:
            answer = requests.get(url, timeout=TIMEOUT_S, allow_redirects=False)
        except requests.RequestException:
            return f"{url} does not answer"
        return None if answer.status_code == requests.codes.ok else f"{url} answers {answer.status_code}"

    return check


def tcp_answers(port: int) -> Check:
    """Somebody listens on *port* of the loopback address."""

    def check() -> str | None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S):
                return None
        except OSError:
            return f"nobody listens on port {port}"

    return check


def celery_answers(broker_url: str, *, serializer: str = "json") -> Check:
    """
    A worker of *broker_url* answers a ping, so it is there and consumes.

    Args:
        serializer: one that the worker accepts.
    """
    app = Celery(broker=broker_url, set_as_current=False)
    app.conf.update(
        task_serializer=serializer,
        accept_content=[serializer],
        broker_transport_options={
            "socket_timeout": TIMEOUT_S,
            "socket_connect_timeout": TIMEOUT_S,
            "max_retries": 0,
        },
    )

    def check() -> str | None:
        try:
            answers = app.control.broadcast("ping", reply=True, timeout=1.0, limit=1)
        except (OSError, OperationalError, redis.RedisError) as error:
            return f"its broker does not answer ({error})"
        return None if answers else "no worker answers a ping"

    return check


def redis_is_empty_of(url: str, *, lists: str, unacknowledged: bool = False) -> Check:
    """
    No event waits in a list of Redis whose name matches *lists*.

    Args:
        unacknowledged: a Celery worker's messages in hand count too.
    """

    def check() -> str | None:
        try:
            with redis.Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S) as client:
                names = client.scan_iter(match=lists, count=1000, _type="list")
                waiting = sum(client.llen(name) for name in names)
                if unacknowledged:
                    waiting += client.hlen("unacked")
        except redis.RedisError as error:
            return f"Redis does not answer ({error})"
        return f"{waiting} still wait in Redis" if waiting else None

    return check
