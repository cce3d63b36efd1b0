"""In a program of greenlets, as gunicorn's gevent workers are, the pipeline does what it does in one of threads."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import orjson
import pytest
import redis

from logging_pipeline.queue_message import batch_of
from tests.tiny_project.servers import ROOT, clean_environ

GREENLETS, EACH, IN_THE_CHILD = 20, 50, 25

# Logs from greenlets, then from a fork of the whole; neither closes anything by itself.
PROGRAM = """
import os, sys
from gevent import monkey
if sys.argv[1] == "before":
    monkey.patch_all()
import logging_pipeline
logging_pipeline.configure(app="shop", service_name="shop-web", hash_key="k" * 40, console=False)
if sys.argv[1] == "after":
    monkey.patch_all()
import gevent, structlog
log = structlog.get_logger("shop")
def work(name, count):
    for number in range(count):
        log.info("order.placed", order_id=f"{name}-{number}")
        gevent.sleep(0.001)
gevent.joinall([gevent.spawn(work, name, int(sys.argv[3])) for name in range(int(sys.argv[2]))])
child = os.fork()
work("child" if child == 0 else "parent", int(sys.argv[4]))
if child:
    sys.exit(os.waitpid(child, 0)[1])
"""


@pytest.mark.parametrize("patched", ["before", "after"])
def test_greenlets_lose_nothing(redis_url: str, tmp_path: Path, patched: str):
    """Every event arrives once, also of a forked child, whether all was patched before or after the set-up."""
    counts = map(str, (GREENLETS, EACH, IN_THE_CHILD))
    environ = {**clean_environ(), "LOGPIPE_REDIS_URL": redis_url, "LOGPIPE_STATE_DIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, patched, *counts],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr

    arrived: Counter[str] = Counter()
    with redis.Redis.from_url(redis_url) as client:
        for message in client.lrange("logs", 0, -1):
            _id, bodies = batch_of(orjson.loads(message))
            events = [orjson.loads(line) for body in bodies.values() for line in body.split(b"\n")]
            arrived.update(e["labels"]["order_id"] for e in events if e["event"].get("action") == "order.placed")
    expected = {f"{name}-{n}" for name in range(GREENLETS) for n in range(EACH)}
    expected |= {f"{name}-{n}" for name in ("child", "parent") for n in range(IN_THE_CHILD)}
    assert arrived == Counter(expected)
