"""What carries events while a benchmark runs: a real server of the Redis protocol, and a real Celery worker."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack.child import Child
from stack.ports import free_port
from stack.redis_server import RedisServer, prepare, redis_program

__all__ = ["broker"]


@contextmanager
def broker() -> Iterator[tuple[str, Child]]:
    """The logs' URL, and the server's process."""
    folder = Path(tempfile.mkdtemp(prefix="logpipe-bench-"))
    server = RedisServer(folder / "redis", free_port(), secrets.token_urlsafe(16))
    prepare(server)
    child = Child(redis_program(server), folder / "redis.log")
    child.wait_until_healthy()
    worker = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "celery",
            "--app=celery_workers.logs:app",
            "worker",
            "--concurrency=1",
            "--loglevel=ERROR",
        ],
        env={**os.environ, "LOGPIPE_REDIS_URL": server.url(1)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield server.url(1), child
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
        child.stop()
