"""A Logstash ``tcp`` input for tests: keeps every event that processes of any kind send by the direct route."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Callable
from typing import Any

Document = dict[str, Any]


class Collector:
    """Listens on a free port of loopback; a context manager."""

    def __init__(self) -> None:
        self._documents: list[Document] = []
        self._grown = threading.Condition()
        collect = self._collect

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                for line in self.rfile:
                    collect(json.loads(line))

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> str:
        """For ``LOGPIPE_LOGSTASH_TCP``."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Collector:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def events(self, **wanted: Any) -> list[Document]:
        """What came so far and carries all of *wanted*, dots in names written as ``__``, in order of arrival."""
        with self._grown:
            return [document for document in self._documents if _carries(document, wanted)]

    def wait_for(self, count: int = 1, *, timeout_s: float = 60, **wanted: Any) -> list[Document]:
        """At least *count* such events; fails when they do not come in time."""
        deadline = time.monotonic() + timeout_s
        with self._grown:
            while len(found := self.events(**wanted)) < count:
                if not self._grown.wait(deadline - time.monotonic()) and time.monotonic() >= deadline:
                    messages = [document.get("message") for document in self._documents]
                    raise AssertionError(f"{len(found)} of {count} events with {wanted} came; all: {messages}")
            return found

    def until(self, condition: Callable[[], Any], *, timeout_s: float = 60) -> Any:
        """What *condition* returns as soon as that is true, looked at after each arrival and ten times a second."""
        deadline = time.monotonic() + timeout_s
        while not (found := condition()):
            if time.monotonic() >= deadline:
                raise AssertionError(f"not in {timeout_s} s: {condition}")
            with self._grown:
                self._grown.wait(0.1)
        return found

    def _collect(self, document: Document) -> None:
        with self._grown:
            self._documents.append(document)
            self._grown.notify_all()


def field(document: Document, name: str) -> Any:
    """The value of the dotted *name*; ``None`` when it is not there."""
    value: Any = document
    for part in name.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def _carries(document: Document, wanted: dict[str, Any]) -> bool:
    return all(field(document, name.replace("__", ".")) == value for name, value in wanted.items())
