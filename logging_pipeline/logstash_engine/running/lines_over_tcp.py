"""The tcp input: any number of senders, one event a line, held back while the pipeline is busy."""

from __future__ import annotations

import queue
import socket
import socketserver
import threading
from collections.abc import Callable

from logging_pipeline.errors import ConfigurationError
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.running.interfaces import Delivery
from logging_pipeline.stderr import complain

__all__ = ["LinesOverTcp"]

WAITING_LINES = 10_000  # beyond them senders are held back by TCP itself
MAX_LINE_BYTES = 16 * 1024 * 1024
MAX_CONNECTIONS = 256
IDLE_TIMEOUT_S = 3_600


class LinesOverTcp:
    """
    Listens from its making on.

    TCP has no acknowledgement of its own: lines that are here when the process dies are lost.

    Args:
        batch: lines of one delivery.

    Raises:
        ConfigurationError: the port is taken, or the address is not this machine's.
    """

    def __init__(self, host: str, port: int, *, decode: Callable[[bytes], list[Event]], batch: int = 500) -> None:
        self.decode = decode
        self._batch = batch
        self._lines: queue.Queue[bytes] = queue.Queue(WAITING_LINES)
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        source = self

        class Handler(socketserver.StreamRequestHandler):
            timeout = IDLE_TIMEOUT_S

            def handle(self) -> None:
                source._read(self)

        try:
            self._server = _Server((host, port), Handler)
        except OSError as error:
            raise ConfigurationError(
                f"input tcp {host}:{port}", f"cannot listen there: {error.strerror}", "Choose another port or address"
            ) from error
        self.address: tuple[str, int] = self._server.server_address[:2]  # type: ignore[assignment]  # an IP address, never a path
        threading.Thread(target=self._server.serve_forever, name="logpipe.tcp", daemon=True).start()

    def poll(self) -> Delivery | None:
        """The lines that have come since."""
        lines: list[bytes] = []
        while len(lines) < self._batch:
            try:
                lines.append(self._lines.get_nowait())
            except queue.Empty:
                break
        return Delivery(lines, give_back=lambda: self._put_back(lines)) if lines else None

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()

    def _read(self, handler: socketserver.StreamRequestHandler) -> None:
        if not self._slots.acquire(blocking=False):
            complain("tcp", f"more than {MAX_CONNECTIONS} connections; {handler.client_address[0]} is turned away")
            return
        try:
            while line := handler.rfile.readline(MAX_LINE_BYTES):
                if stripped := line.rstrip(b"\r\n"):
                    self._lines.put(stripped)
        except (OSError, TimeoutError) as error:
            complain("tcp", f"{handler.client_address[0]}: {error}")
        finally:
            self._slots.release()

    def _put_back(self, lines: list[bytes]) -> None:
        for line in lines:
            try:
                self._lines.put_nowait(line)
            except queue.Full:
                complain("tcp", "lines are lost: the outputs do not answer and the queue is full")
                return


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    address_family = socket.AF_INET
