"""Everything that a whole pipeline leaves behind: runs one, and collects what every part of it holds or says."""

from __future__ import annotations

import base64
import dataclasses
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import redis

from logging_pipeline.contract import CORE_CATEGORIES, CORE_FIELDS, Category, Contract
from logging_pipeline.indexes import setup
from logging_pipeline.queue_message import batch_of
from logging_pipeline.settings import Settings
from stack.ports import free_port
from tests.servers import ElasticsearchServer, RedisProcess
from tests.tiny_project.servers import ROOT, clean_environ

__all__ = ["Evidence", "collect"]

PATIENCE_S = 240


@dataclass
class Evidence:
    """What was found, by the place where it was found."""

    places: dict[str, bytes] = field(default_factory=dict)
    documents: list[dict[str, Any]] = field(default_factory=list)

    def of(self, **labels: str) -> list[dict[str, Any]]:
        """The stored events with these labels."""
        return [d for d in self.documents if labels.items() <= d.get("labels", {}).items()]


def collect(folder: Path, elasticsearch: ElasticsearchServer, namespace: str, seed: int) -> Evidence:
    """
    Run the shop, its worker, the log worker and the consumer, with an outage of the broker and events that are refused.

    The shop's own queue is on a Redis of its own: its messages carry what the shop gives to its tasks.
    """
    with ExitStack() as ends:
        run = _Run(folder, elasticsearch, namespace, ends)
        run.begin(seed)
        run.end()
        return run.evidence


class _Run:
    def __init__(self, folder: Path, elasticsearch: ElasticsearchServer, namespace: str, ends: ExitStack) -> None:
        self.evidence = Evidence()
        self._folder = folder
        self._elasticsearch = elasticsearch
        self._namespace = namespace
        self._ends = ends
        self._logs = RedisProcess(_made(folder / "logs-redis"))
        self._tasks = RedisProcess(_made(folder / "shop-redis"))
        self._published: list[bytes] = []
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def begin(self, seed: int) -> None:
        """First without a broker: the canaries lie in the spool. Then everything is started."""
        with self._elasticsearch.client("logpipe_setup") as admin:
            setup(admin, Settings(app="shop", namespace=self._namespace), _with_a_number_for_an_id())
        self._start_servers()
        self._alone(seed)
        self._logs.stop()
        shop = self._process("shop", "tests.masking.program", str(seed), stdin=subprocess.PIPE)
        assert shop.stdin is not None
        self._wait(lambda: b"told" in self._output("shop"), "shop")
        self.evidence.places["spool"] = _content(self._folder / "state" / "spool")
        self._logs.start()
        self._stop_listening = self._ends.enter_context(self._listening())
        self._process("logs-worker", "celery", "--app=celery_workers.logs:app", "worker", "--concurrency=1")
        self._process("shop-worker", "celery", "--app=tests.masking.site:celery_app", "worker", "--concurrency=1")
        self._process("consumer", "logging_pipeline.cli.run", "consume", user="logpipe_writer")
        shop.stdin.write(b"go on\n")
        shop.stdin.flush()
        self._wait(lambda: b"done" in self._output("shop"), "shop")
        assert shop.wait(PATIENCE_S) == 0, self._output("shop").decode()

    def end(self) -> None:
        """When all has arrived: stop, and collect."""
        self._wait(lambda: self._stored("the worker's last word") and self._stored("the program's last word"))
        self._stop("shop-worker")
        self._wait(self._nothing_waits)
        for name in ("logs-worker", "consumer"):
            self._stop(name)
        with self._elasticsearch.client() as admin:
            admin.indices.refresh(index=f"logs-shop.*-{self._namespace}")
            for hit in _all_documents(admin, f"logs-shop.*-{self._namespace}"):
                self.evidence.documents.append(hit["_source"])
        places = self.evidence.places
        places["every index"] = b"\n".join(orjson.dumps(document) for document in self.evidence.documents)
        places["dead letters"] = b"\n".join(
            orjson.dumps(d) for d in self.evidence.documents if d["data_stream"]["dataset"].endswith("dead_letter")
        )
        self._stop_listening()
        places["channel"] = b"\n".join(self._published)
        places["every Redis database"] = self._redis_content()
        self._logs.stop()
        log_of_writes = _content(self._logs.folder)
        places["append-only file"] = log_of_writes
        places["Celery's messages"] = b"\n".join(_bodies(log_of_writes))
        places["state folder"] = _content(self._folder / "state")
        for name in self._running:
            places[f"output of {name}"] = self._output(name)
        for name, content in places.items():
            places[name] = b"\n".join(dict.fromkeys(content.split(b"\n")))  # much lies there more than once

    # --- processes ---

    def _alone(self, seed: int) -> None:
        """The shop without a broker prints its events."""
        alone = self._process("console", "tests.masking.program", str(seed), stdin=subprocess.PIPE, broker=False)
        alone.communicate(b"go on\n", timeout=PATIENCE_S)
        assert alone.returncode == 0, self._output("console").decode()[-3_000:]

    def _process(
        self, name: str, *module: str, user: str = "", stdin: int = subprocess.DEVNULL, broker: bool = True
    ) -> subprocess.Popen[bytes]:
        environ = {
            **clean_environ(),
            "PYTHONUNBUFFERED": "1",
            "MASKING_BROKER": self._tasks.url(0),
            "LOGPIPE_APP": "shop",
            "LOGPIPE_NAMESPACE": self._namespace,
            "LOGPIPE_REDIS_URL": self._logs.url(1) if broker else "",
            "LOGPIPE_STATE_DIR": str(self._folder / ("state" if broker else "console-state")),
            "LOGPIPE_ELASTICSEARCH_URL": self._elasticsearch.url,
            "LOGPIPE_TCP_PORT": str(free_port()),
            "LOGPIPE_SHIP_TIMEOUT_S": "5",
            "LOGPIPE_CLOSE_TIMEOUT_S": "60",
        }
        if user:
            environ["LOGPIPE_ELASTICSEARCH_USER"], environ["LOGPIPE_ELASTICSEARCH_PASSWORD"] = self._elasticsearch.user(
                user
            )
        if module[0] == "logging_pipeline.cli.run":
            command = [sys.executable, "-c", "from logging_pipeline.cli import main; main()", *module[1:]]
        else:
            command = [sys.executable, "-m", *module]
        with (self._folder / f"{name}.output").open("wb") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environ, stdin=stdin, stdout=output, stderr=subprocess.STDOUT
            )
        self._running[name] = process
        self._ends.callback(self._stop, name)
        return process

    def _stop(self, name: str) -> None:
        process = self._running[name]
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(90)
            except subprocess.TimeoutExpired:
                process.kill()
                raise AssertionError(f"{name} did not end:\n{self._output(name).decode()}") from None

    def _start_servers(self) -> None:
        for server in (self._logs, self._tasks):
            self._ends.callback(server.kill)
            server.start()

    def _output(self, name: str) -> bytes:
        return (self._folder / f"{name}.output").read_bytes()

    def _wait(self, condition: Callable[[], Any], needs: str = "consumer") -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            last = "\n".join(f"{name}:\n{self._output(name).decode()[-2_000:]}" for name in self._running)
            assert time.monotonic() < deadline, last
            assert needs not in self._running or self._running[needs].poll() in (None, 0), last
            time.sleep(0.2)

    # --- what they hold ---

    @contextmanager
    def _listening(self) -> Iterator[Callable[[], None]]:
        ended = threading.Event()
        client = redis.Redis.from_url(self._logs.url(1))
        subscription = client.pubsub(ignore_subscribe_messages=True)
        subscription.psubscribe("*")

        def listen() -> None:
            while not ended.is_set():
                message = subscription.get_message(timeout=0.2)
                if message is not None:
                    self._published.append(message["data"])

        thread = threading.Thread(target=listen)
        thread.start()

        def stop() -> None:
            ended.set()
            thread.join()

        yield stop
        stop()
        subscription.close()
        client.close()

    def _stored(self, message: str) -> bool:
        with self._elasticsearch.client() as admin:
            admin.indices.refresh(index=f"logs-shop.*-{self._namespace}")
            found = admin.count(index=f"logs-shop.*-{self._namespace}", query={"match_phrase": {"message": message}})
            return bool(found["count"])

    def _nothing_waits(self) -> bool:
        with redis.Redis.from_url(self._logs.url(1)) as client:
            kinds = {key: client.type(key) for key in client.scan_iter("*")}
            return not any(kind == b"list" for kind in kinds.values()) and not client.exists("unacked", "logs:leases")

    def _redis_content(self) -> bytes:
        content = []
        for database in range(4):
            with redis.Redis.from_url(self._logs.url(database)) as client:
                for key in client.scan_iter("*"):
                    content += [key, client.dump(key) or b"", _value(client, key)]
        return b"\n".join(content)


def _value(client: redis.Redis, key: bytes) -> bytes:
    read: dict[bytes, Callable[[], Any]] = {
        b"string": lambda: client.get(key),
        b"list": lambda: client.lrange(key, 0, -1),
        b"hash": lambda: client.hgetall(key),
        b"set": lambda: client.smembers(key),
        b"zset": lambda: client.zrange(key, 0, -1),
    }
    return repr(read[client.type(key)]()).encode()


def _with_a_number_for_an_id() -> Contract:
    """A contract whose audit stream takes other values than the producers send: they are refused."""

    def drifted(category: Category) -> Category:
        if category.name != "audit":
            return category
        fields = (dataclasses.replace(f, type="long") if f.name == "audit.object.id" else f for f in category.fields)
        return dataclasses.replace(category, fields=tuple(fields))

    return Contract(CORE_FIELDS, tuple(drifted(category) for category in CORE_CATEGORIES))


def _all_documents(client: Any, pattern: str) -> Iterator[dict[str, Any]]:
    after: list[Any] | None = None
    while True:
        order = [{"@timestamp": "asc"}, {"event.id": {"order": "asc", "unmapped_type": "keyword"}}]
        more = {"search_after": after} if after else {}
        hits = client.search(index=pattern, size=1_000, sort=order, query={"match_all": {}}, **more)["hits"]["hits"]
        if not hits:
            return
        yield from hits
        after = hits[-1]["sort"]


def _bodies(log_of_writes: bytes) -> Iterator[bytes]:
    """What Celery's transport wraps in base64, and what is compressed in it."""
    for body in re.findall(rb'"body": ?"([A-Za-z0-9+/=]+)"', log_of_writes):
        try:
            yield from batch_of({"body": body})[1].values()
        except ValueError:
            yield base64.b64decode(body)


def _content(folder: Path) -> bytes:
    return b"\n".join(
        path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".conf"
    )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
