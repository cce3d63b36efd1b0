"""Health and drain checks, on real servers."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from stack import checks
from stack.ports import free_port
from tests.servers import RedisProcess


def test_all_of_names_the_first_problem():
    """Several checks are one; what is wrong first is what is said."""
    assert checks.all_of(lambda: None, lambda: None)() is None
    assert checks.all_of(lambda: None, lambda: "too hot", lambda: "too cold")() == "too hot"


def test_a_disk_that_is_nearly_full_is_a_problem(tmp_path: Path):
    """The line says how much is left, and what will happen."""
    assert checks.disk_has_room(tmp_path, 1)() is None
    problem = checks.disk_has_room(tmp_path, 10**15)()
    assert problem is not None
    assert "GB free; make room, or events will wait in Redis" in problem


def test_an_address_where_nothing_answers_is_named():
    """A web server that is not there is a problem, not an exception."""
    url = f"http://127.0.0.1:{free_port()}/healthz/"
    assert checks.http_answers(url)() == f"{url} does not answer"


def test_a_port_where_nobody_listens_is_named():
    """A server that has not yet opened its port is a problem, not an exception."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert checks.tcp_answers(port)() is None
    assert checks.tcp_answers(port)() == f"nobody listens on port {port}"


@pytest.mark.stack
def test_waiting_events_are_counted_wherever_they_are(redis_server: RedisProcess, redis_url: str):
    """Lists, leased lists and messages in a worker's hands count; other keys and other lists do not."""
    queue = checks.redis_is_empty_of(redis_url, lists="logs", unacknowledged=True)
    events = checks.redis_is_empty_of(redis_url, lists="logs:*")
    with redis.Redis.from_url(redis_url) as client:
        client.zadd("logs:leases", {"logs:http:processing:1": 1})
        assert (queue(), events()) == (None, None)
        client.rpush("logs", "batch")
        client.hset("unacked", "tag", "batch")
        assert (queue(), events()) == ("2 still wait in Redis", None)
        client.rpush("logs:http", "event", "event")
        client.rpush("logs:http:processing:1", "event")
        assert events() == "3 still wait in Redis"


@pytest.mark.stack
def test_a_broker_that_does_not_answer_is_a_problem(redis_server: RedisProcess, redis_url: str):
    """A check never raises and never hangs, whatever is down."""
    queue = checks.redis_is_empty_of(redis_url, lists="logs")
    worker = checks.celery_answers(redis_url)
    assert worker() == "no worker answers a ping"
    redis_server.stop()
    assert "Redis does not answer" in str(queue())
    assert "its broker does not answer" in str(worker())


@pytest.mark.stack
def test_the_logs_worker_answers_a_ping_in_its_own_serializer(redis_url: str, tmp_path: Path):
    """The logs' worker takes msgpack only; the check speaks it, and finds the worker."""
    command = [sys.executable, "-m", "celery", "--app=celery_workers.logs:app", "worker", "--pool=solo"]
    with subprocess.Popen(
        command,
        env={"PATH": "", "LOGPIPE_REDIS_URL": redis_url, "LOGPIPE_STATE_DIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as worker:
        check = checks.celery_answers(redis_url, serializer="msgpack")
        try:
            assert any(check() is None for _ in range(40))
        finally:
            worker.terminate()
