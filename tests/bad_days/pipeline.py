"""The whole pipeline of real parts, each of which can be killed, frozen and started again."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path

import redis

from logging_pipeline.contract import contract
from logging_pipeline.indexes import SETUP, WRITER, setup
from logging_pipeline.settings import Settings
from stack import checks
from stack.ports import free_port
from stack.program import Program
from stack.settings import PROJECT
from tests.bad_days.front import Front
from tests.servers import ElasticsearchServer, RedisProcess, Server
from tests.tiny_project.servers import clean_environ

__all__ = ["Part", "Pipeline", "make_streams", "until"]

WORKER = "tests.bad_days.worker:app"
PATIENCE_S = 120.0  # on a busy machine


class Part(Server):
    """One program of ours."""

    def __init__(self, folder: Path, program: Program) -> None:
        folder.mkdir(exist_ok=True)
        super().__init__(folder, lambda: program)

    @property
    def last_words(self) -> str:
        """What it printed last."""
        return self._child.last_words if self._child else ""

    @property
    def children(self) -> list[int]:
        """Its worker processes."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]


class Pipeline:
    """
    Redis, Elasticsearch behind a `Front`, a log worker and a consumer.

    Args:
        folder: of everything that they write.
        namespace: of data streams that are set up already.
        worker: the Celery app that its log worker runs.
    """

    def __init__(
        self,
        folder: Path,
        elasticsearch: ElasticsearchServer,
        namespace: str,
        worker: str = "tests.bad_days.worker:app",
    ) -> None:
        (folder / "redis").mkdir()
        self.folder = folder
        self.namespace = namespace
        self.redis = RedisProcess(folder / "redis")
        self.elasticsearch = elasticsearch
        self.front = Front(elasticsearch.url)
        self.worker = Part(folder / "worker", self._worker(worker))
        self.consumer = Part(folder / "consumer", self._consumer())

    @property
    def parts(self) -> tuple[Server, ...]:
        """What runs, servers first."""
        return self.redis, self.elasticsearch, self.worker, self.consumer

    def start(self) -> None:
        """Start what does not run, thaw what is frozen."""
        self.front.mood = "passing"
        self.front.withheld.clear()
        for part in self.parts:
            part.resume()
            if not part.running:
                part.start()

    def make_whole(self) -> None:
        """Start everything, and forget what was left in Redis."""
        self.start()
        with self.client() as client:
            client.config_set("maxmemory", "1gb")
            client.delete("unacked", "unacked_index", *client.scan_iter("logs*"))

    def collapses(self) -> list[str]:
        """What said what when it ended without being told to, since this was asked last."""
        found = []
        for part in self.parts:
            part.notice_collapse()
            found += part.collapses
            part.collapses.clear()
        return found

    def end(self) -> None:
        """Stop everything that is ours."""
        for part in (self.worker, self.consumer, self.redis):
            part.kill()
        self.front.close()

    def client(self) -> redis.Redis:
        """Of the logs' database; the caller closes it."""
        return redis.Redis.from_url(self.redis.url(1), socket_timeout=10)

    def waiting(self) -> int:
        """How much is in Redis: batches in the queue or with a worker, events in lists or with a consumer."""
        with self.client() as client:
            lists = sum(client.llen(name) for name in client.scan_iter("logs*", _type="list"))
            return lists + client.hlen("unacked")

    def environment(self, state: Path, **more: str) -> dict[str, str]:
        """For a program that logs, its state in the folder *state*."""
        return self._shared() | {"LOGPIPE_STATE_DIR": str(state), "LOGPIPE_FLUSH_INTERVAL_S": "0.2"} | more

    def _shared(self) -> dict[str, str]:
        return clean_environ() | {
            "DJANGO_SETTINGS_MODULE": "",
            "LOGPIPE_APP": "shop",
            "LOGPIPE_NAMESPACE": self.namespace,
            "LOGPIPE_REDIS_URL": self.redis.url(1),
        }

    def _worker(self, app: str) -> Program:
        return Program(
            name="logs-worker",
            command=(
                *(sys.executable, "-m", "celery", f"--app={app}", "worker", "--concurrency=1"),
                *("--loglevel=WARNING", "--without-gossip", "--without-mingle", f"--hostname={free_port()}@%h"),
            ),
            environment=self._shared(),
            folder=PROJECT,
            healthy=checks.celery_answers(self.redis.url(1), serializer="msgpack"),
        )

    def _consumer(self) -> Program:
        user, password = self.elasticsearch.user(WRITER)
        port = free_port()
        return Program(
            name="consumer",
            command=(str(Path(sys.executable).with_name("logpipe")), "consume"),
            environment=self._shared()
            | {
                "LOGPIPE_ELASTICSEARCH_URL": self.front.url,
                "LOGPIPE_ELASTICSEARCH_USER": user,
                "LOGPIPE_ELASTICSEARCH_PASSWORD": password,
                "LOGPIPE_LEASE_S": "3",
                "LOGPIPE_METRICS_PORT": str(port),
                "LOGPIPE_TCP_PORT": str(free_port()),
            },
            folder=PROJECT,
            healthy=checks.http_answers(f"http://127.0.0.1:{port}/metrics"),
        )


def make_streams(elasticsearch: ElasticsearchServer) -> str:
    """Set up data streams that nobody else writes to; their namespace."""
    namespace = f"bad_days_{secrets.token_hex(4)}"
    with elasticsearch.client(SETUP) as admin:
        setup(admin, Settings(app="shop", namespace=namespace), contract())
    return namespace


def until(condition: Callable[[], object], what: Callable[[], object] = lambda: "") -> None:
    """Wait for *condition*; *what* is said when it does not come true."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen in time {what()}"
        time.sleep(0.05)
