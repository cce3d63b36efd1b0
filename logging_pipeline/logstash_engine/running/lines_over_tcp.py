"""The tcp input: any number of senders, their lines, held back by TCP itself while the pipeline is busy."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable

from logging_pipeline.errors import ConfigurationError
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.running.interfaces import Line
from logging_pipeline.logstash_engine.running.splitting import CHUNK, lines
from logging_pipeline.logstash_engine.running.waiting_lines import WaitingLines
from logging_pipeline.stderr import complain

__all__ = ["LinesOverTcp"]

MAX_CONNECTIONS = 256
IDLE_TIMEOUT_S = 3_600


class LinesOverTcp(WaitingLines):
    """
    Listens from its making on.

    Args:
        complete: what puts into an event what is known of a sender, made anew for each connection of an address and a
            port.

    Raises:
        ConfigurationError: the port is taken, or the address is not this machine's.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        delimiter: bytes,
        decode: Callable[[bytes], list[Event]],
        complete: Callable[[str, int], Callable[[Event], object]],
    ) -> None:
        super().__init__(decode)
        self._delimiter = delimiter
        self._complete = complete
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        read = self._read

        class Handler(socketserver.StreamRequestHandler):
            timeout = IDLE_TIMEOUT_S

            def handle(self) -> None:
                read(self)

        try:
            self._server = _Server((host, port), Handler)
        except OSError as error:
            raise ConfigurationError(
                f"input tcp {host}:{port}", f"cannot listen there: {error.strerror}", "Choose another port or address"
            ) from error
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="logpipe.tcp", daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        super().close()
        self._server.shutdown()
        self._server.server_close()

    def _read(self, handler: socketserver.StreamRequestHandler) -> None:
        if not self._slots.acquire(blocking=False):
            complain("tcp", f"more than {MAX_CONNECTIONS} connections; {handler.client_address[0]} is turned away")
            return
        try:
            complete = self._complete(*handler.client_address[:2])
            for line in lines(lambda: handler.request.recv(CHUNK), self._delimiter):
                self.put(Line.of(line, complete))
        except OSError as error:
            complain("tcp", f"{handler.client_address[0]}: {error}")
        finally:
            self._slots.release()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
