"""A reader of the live tail without a browser, and events for it to see."""

from __future__ import annotations

import contextlib
import http.client
import queue
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
import redis

from logging_pipeline.journey.stream import stream
from tests.console.events import Document, document

PATIENCE_S = 60.0
URL = "/ops/tail/events/"


class Reader:
    """One open stream; what it says arrives in the order in which it was said."""

    def __init__(self, url: str, cookies: dict[str, str], *, reading: bool = True, **headers: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE_S)
        self._connection.connect()
        self._socket = self._connection.sock
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), **headers}
        self._connection.request("GET", f"{parts.path}?{quote(parts.query, safe='=&')}", headers=sent)
        self.answer = self._connection.getresponse()
        self._said: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.beats = 0
        self.ids: list[str] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        if reading:
            self.read()

    @property
    def status(self) -> int:
        return self.answer.status

    def text(self) -> str:
        """What a refusal says."""
        return self.answer.read().decode()

    def read(self) -> None:
        """Begin to read; until then the server's messages stay where they are."""
        self._thread.start()

    def next(self, name: str) -> Any:
        """The content of the next message *name*; others before it are passed over."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found, content = self._said.get(timeout=max(deadline - time.monotonic(), 0.01))
            if found == name:
                return content

    def messages(self, count: int) -> list[str]:
        """The texts of the next *count* events."""
        found: list[str] = []
        while len(found) < count:
            found += ["".join(row["texts"]["message"]) for row in self.next("events")]
        return found

    def until(self, enough: Callable[[list[tuple[str, Any]]], bool]) -> list[tuple[str, Any]]:
        """All that is said until it is *enough*."""
        said: list[tuple[str, Any]] = []
        deadline = time.monotonic() + PATIENCE_S
        while not enough(said):
            said.append(self._said.get(timeout=max(deadline - time.monotonic(), 0.01)))
        return said

    def leave(self) -> None:
        """As a browser does that closes the page, whatever is being read."""
        with contextlib.suppress(OSError):  # the server was first
            self._socket.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def _read(self) -> None:
        text = b""
        try:
            while part := self.answer.read1(65_536):
                *messages, text = (text + part).split(b"\n\n")
                for message in messages:
                    self._hear(message.decode())
        except (OSError, http.client.HTTPException, ValueError, AttributeError):  # left meanwhile
            pass
        self._said.put(("closed", None))

    def _hear(self, message: str) -> None:
        if message.startswith(":"):
            self.beats += 1
            return
        fields = dict(line.split(": ", 1) for line in message.split("\n"))
        self.ids.append(fields["id"])
        self._said.put((fields["event"], orjson.loads(fields["data"])))


def publish(client: redis.Redis, *events: Document) -> None:
    """As a log worker does: one batch, by category."""
    bodies: dict[str, list[bytes]] = {}
    for event in events:
        category = event["data_stream"]["dataset"].removeprefix("shop.")
        bodies.setdefault(category, []).append(orjson.dumps(event))
    stream(secrets.token_hex(8), {name: b"\n".join(lines) for name, lines in bodies.items()}, client=client)


def said(category: str, message: str, **fields: Any) -> Document:
    """An event that says *message*."""
    return document(category, f"{category}.said", datetime.now(UTC), message, **fields)


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
