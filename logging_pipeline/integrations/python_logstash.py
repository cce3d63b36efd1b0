"""
The direct route, for programs without Celery: python-logstash's handler to a Logstash ``tcp`` input.

Everything before the wire is the same: bound, classified, numbered, enforced, masked, packed by the flusher thread, and
on disk while nobody listens. The wire itself has no acknowledgement, so this route is at-most-once: what is in the
sockets' buffers when either end dies is lost without a word to the sender, and only the numbers tell.
"""

from __future__ import annotations

import logging
import socket
import sys
from typing import Any

from logging_pipeline.errors import BrokerUnavailable, ConfigurationError
from logging_pipeline.journey.pack import Batch
from logging_pipeline.journey.ship import Send
from logstash import TCPLogstashHandler

__all__ = ["address", "tcp_sender"]


def tcp_sender(host: str, port: int, timeout_s: float) -> Send:
    """
    What `ship` calls: writes a batch's lines to the ``tcp`` input (codec ``json_lines``) at *host*:*port*.

    It raises `BrokerUnavailable` when nobody listens, or not fast enough.
    """
    handler = _Handler(host, port, timeout_s)

    def send(batch: Batch) -> None:
        try:
            handler.refuse_closed()
            for body in batch.bodies.values():
                # In one piece: each write gives up the interpreter's lock, and a busy thread returns it 5 ms later.
                handler.emit(logging.makeLogRecord({"msg": body}))
        except OSError as error:
            handler.close_socket()
            raise BrokerUnavailable(f"{host}:{port}: {error}") from error

    return send


def address(text: str) -> tuple[str, int]:
    """
    Host and port of ``host:port``.

    Raises:
        ConfigurationError: *text* is something else.
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ConfigurationError("LOGPIPE_LOGSTASH_TCP", f"{text!r} is not host:port", "Give e.g. 127.0.0.1:5959")
    return host.strip("[]"), int(port)


class _Encoded(logging.Formatter):
    """The record's message is a batch of encoded events already, a line each."""

    def format(self, record: logging.LogRecord) -> Any:
        return record.msg


class _Handler(TCPLogstashHandler):  # type: ignore[misc]  # python-logstash has no types
    """Raises where python-logstash, like the standard library's handler below it, would drop the batch in silence."""

    sock: socket.socket | None

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        super().__init__(host, port, version=1)
        self.setFormatter(_Encoded())
        self._timeout_s = timeout_s

    def makeSocket(self, timeout: float = 1) -> socket.socket:  # noqa: N802, ARG002  # the standard library's name
        return socket.create_connection((self.host, self.port), timeout=self._timeout_s)

    def send(self, s: bytes) -> None:
        if self.sock is None:
            self.sock = self.makeSocket()
        self.sock.sendall(s)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002  # the standard library's name
        error = sys.exc_info()[1]
        if error is not None:
            raise error

    def refuse_closed(self) -> None:
        """Notice that the other end hung up before writing into the void."""
        if self.sock is None:
            return
        self.sock.setblocking(False)
        try:
            gone = self.sock.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            gone = False
        self.sock.settimeout(self._timeout_s)
        if gone:
            self.close_socket()

    def close_socket(self) -> None:
        """Begin with a new connection next time."""
        if self.sock is not None:
            self.sock.close()
            self.sock = None
