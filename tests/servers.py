"""The servers that tests use, with the handles that fault tests need: stop, start, pause, resume."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Callable
from pathlib import Path

from elasticsearch import Elasticsearch

from logging_pipeline.indexes import PRIVACY, READER, SETUP, WRITER
from stack import redis_server
from stack.account import unprivileged_account
from stack.child import Child
from stack.distribution import install
from stack.elasticsearch_server import Node, elasticsearch_program, prepare
from stack.java import find_java_home
from stack.ports import free_port
from stack.program import Program
from stack.redis_server import RedisServer
from stack.settings import load

RUN_DIR = "LOGPIPE_TESTS_RUN_DIR"
"""The variable that names the folder of the pid files of a run of the tests; see `tests.conftest`."""

ADMIN = "logpipe_admin"  # a superuser that only tests have


def new_pid_file(name: str) -> Path | None:
    """Where a program of that *name* is noted, so that a run of the tests that is broken off leaves none behind."""
    folder = os.environ.get(RUN_DIR)
    return Path(folder, f"{name}-{secrets.token_hex(4)}.pid") if folder else None


class Server:
    """A program that runs until it is told otherwise."""

    def __init__(self, folder: Path, make_program: Callable[[], Program]) -> None:
        self.folder = folder
        self._make_program = make_program
        self._child: Child | None = None
        self._told_to_end = False
        self.collapses: list[str] = []

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self._child is not None and self._child.exit_code() is None

    def notice_collapse(self) -> None:
        """Write into `collapses` what it said last, if it has ended without being told to."""
        if self._child is not None and not self._told_to_end and not self.running:
            code, words = self._child.exit_code(), self._child.last_words
            self.collapses.append(f"{self._child.program.name} ended by itself with {code}: {words}")
            self._told_to_end = True

    @property
    def pid(self) -> int:
        """Of its main process."""
        assert self._child is not None
        return self._child.pid

    @property
    def command(self) -> tuple[str, ...]:
        """How it is started."""
        return self._make_program().command

    def start(self) -> None:
        """Start it, with the data it had, and wait until it is healthy."""
        self.notice_collapse()
        self._told_to_end = False
        program = self._make_program()
        self._child = Child(program, self.folder / "output.log", pid_file=new_pid_file(program.name))
        self._child.wait_until_healthy()

    def stop(self) -> None:
        """End it in good order."""
        self._tell_to_end()
        if self._child:
            self._child.resume()
            self._child.stop()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._tell_to_end()
        if self._child:
            self._child.kill()

    def _tell_to_end(self) -> None:
        self.notice_collapse()
        self._told_to_end = True

    def signal(self, number: signal.Signals) -> None:
        """Send its main process a signal, which may end it."""
        self._tell_to_end()
        if self._child:
            self._child.send(number)

    def pause(self) -> None:
        """Freeze it: connections hang."""
        if self._child:
            self._child.pause()

    def resume(self) -> None:
        """Undo `pause`."""
        if self._child:
            self._child.resume()


class RedisProcess(Server):
    """A Redis protocol server on a free port."""

    def __init__(self, folder: Path) -> None:
        self._server = RedisServer(folder, free_port(), secrets.token_urlsafe(24))
        redis_server.prepare(self._server)
        super().__init__(folder, lambda: redis_server.redis_program(self._server))

    def url(self, database: int) -> str:
        """Address of one of its databases, with the password."""
        return self._server.url(database)


class ElasticsearchServer(Server):
    """An Elasticsearch node with the users of the pipeline, and `ADMIN`, for the data streams of the app ``shop``."""

    def __init__(self, folder: Path) -> None:
        settings = load()
        account = unprivileged_account()
        self._node = Node(
            home=install(settings.cache_dir, mirror=settings.maven_mirror),
            folder=folder,
            port=free_port(),
            java_home=find_java_home(account, settings.java_home),
            account=account,
            java_options=("-XX:TieredStopAtLevel=1",),  # starts with half the CPU time; tests are short
        )
        self._passwords = {user: secrets.token_urlsafe(24) for user in (SETUP, WRITER, READER, PRIVACY, ADMIN)}
        prepare(self._node, "shop", self._passwords)
        super().__init__(folder, lambda: elasticsearch_program(self._node, *self.user(ADMIN)))

    @property
    def url(self) -> str:
        """Its address."""
        return self._node.url

    def user(self, name: str) -> tuple[str, str]:
        """User and password of *name*, e.g. ``logpipe_writer``."""
        return name, self._passwords[name]

    def client(self, name: str = ADMIN) -> Elasticsearch:
        """A client that is *name*; the caller closes it."""
        return Elasticsearch(self.url, basic_auth=self.user(name), request_timeout=30)
