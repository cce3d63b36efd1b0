"""The real parts of ``python -m benchmarks.flow``: started for the run, measured by what the system counts of each."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from elasticsearch import Elasticsearch

from logging_pipeline.contract import CORE_CATEGORIES, CORE_FIELDS, Contract
from logging_pipeline.indexes import SETUP, WRITER, setup
from logging_pipeline.settings import Settings
from stack.account import unprivileged_account
from stack.child import Child
from stack.distribution import install
from stack.elasticsearch_server import Node, elasticsearch_program, prepare
from stack.java import find_java_home
from stack.ports import free_port
from stack.redis_server import RedisServer, redis_program
from stack.redis_server import prepare as prepare_redis
from stack.settings import load as load_stack

__all__ = ["ADMIN", "Parts", "cpu_s", "parts"]

ADMIN = "logpipe_admin"
NAMESPACES = ("flow", "helpers", "bare")
ROOT = Path(__file__).parents[1]


@dataclass
class Parts:
    """What runs, and what it has cost so far."""

    folder: Path
    redis_url: str
    elasticsearch_url: str
    password: str
    consumer_metrics: str
    pids: dict[str, int] = field(default_factory=dict)

    def client(self) -> Elasticsearch:
        """A client that may do everything."""
        return Elasticsearch(self.elasticsearch_url, basic_auth=(ADMIN, self.password), request_timeout=120)

    def cpu_of_parts(self) -> dict[str, float]:
        """Seconds of CPU since its start, of each part with its children."""
        return {name: cpu_s(pid) for name, pid in self.pids.items()}

    def ended(self) -> list[str]:
        """The parts that do not run any more."""
        return [name for name, pid in self.pids.items() if not _runs(pid)]

    def stage_s(self) -> dict[str, float]:
        """What the consumer's own metrics say, in seconds of wall time, summed over its workers."""
        text = requests.get(self.consumer_metrics, timeout=10).text
        return {
            "transform": _metric(text, "logpipe_transform_seconds_total"),
            "write": _metric(text, "logpipe_write_seconds_sum"),
        }


@contextmanager
def parts() -> Iterator[Parts]:
    """A Redis protocol server, an Elasticsearch as the stack starts it, a log worker and a consumer."""
    folder = Path(tempfile.mkdtemp(prefix="logpipe-flow-"))
    folder.chmod(0o755)  # Elasticsearch's account has to reach its own folder below
    with ExitStack() as ends:
        ends.callback(shutil.rmtree, folder)
        redis = RedisServer(folder / "redis", free_port(), secrets.token_urlsafe(16), max_memory="3gb")
        prepare_redis(redis)
        password = secrets.token_urlsafe(16)
        node = _node(folder, password)
        metrics_port = free_port()
        found = Parts(folder, redis.url(1), node.url, password, f"http://127.0.0.1:{metrics_port}/metrics")
        for program in (redis_program(redis), elasticsearch_program(node, ADMIN, password)):
            child = Child(program, folder / f"{program.name}.log")
            ends.callback(child.stop)
            found.pids[program.name] = child.pid
            child.wait_until_healthy()
        with found.client() as admin:
            for namespace in NAMESPACES:
                setup(admin, Settings(app="shop", namespace=namespace), Contract(CORE_FIELDS, CORE_CATEGORIES))
        environ = {
            "LOGPIPE_APP": "shop",
            "LOGPIPE_NAMESPACE": NAMESPACES[0],
            "LOGPIPE_REDIS_URL": found.redis_url,
            "LOGPIPE_ELASTICSEARCH_URL": node.url,
            "LOGPIPE_ELASTICSEARCH_USER": WRITER,
            "LOGPIPE_ELASTICSEARCH_PASSWORD": password,
            "LOGPIPE_STATE_DIR": str(folder / "state"),
            "LOGPIPE_TCP_PORT": str(free_port()),
        }
        worker = [sys.executable, "-m", "celery", "--app=celery_workers.logs:app", "worker", "--concurrency=1"]
        consumer = [sys.executable, "-c", "from logging_pipeline.cli import main; main()", "consume"]
        for name, command, more in (
            ("log worker", [*worker, "--loglevel=WARNING"], {}),
            ("consumer", consumer, {"LOGPIPE_METRICS_PORT": str(metrics_port)}),
        ):
            found.pids[name] = ends.enter_context(_running(name, command, {**environ, **more}, folder))
        _wait_for(found)
        yield found


def _node(folder: Path, password: str) -> Node:
    settings = load_stack()
    account = unprivileged_account()
    node = Node(
        home=install(settings.cache_dir, mirror=settings.maven_mirror),
        folder=folder / "elasticsearch",
        port=free_port(),
        java_home=find_java_home(account, settings.java_home),
        account=account,
    )
    prepare(node, "shop", {SETUP: password, WRITER: password, ADMIN: password})
    return node


@contextmanager
def _running(name: str, command: list[str], environ: dict[str, str], folder: Path) -> Iterator[int]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("LOGPIPE_", "DJANGO_"))}
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env={**inherited, **environ}, stdout=log, stderr=log)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(found: Parts) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            found.stage_s()
            return
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _metric(text: str, name: str) -> float:
    return sum(float(value) for value in re.findall(rf"^{name}(?:\{{.*\}})? (\S+)$", text, re.MULTILINE))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """User and system time of the process *pid* and all below it, those that have ended included."""
    processes: dict[int, tuple[int, float]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        processes[int(stat.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])) / _TICKS)
    found = {pid}
    while more := {child for child, (parent, _) in processes.items() if parent in found} - found:
        found |= more
    return sum(processes[one][1] for one in found if one in processes)
