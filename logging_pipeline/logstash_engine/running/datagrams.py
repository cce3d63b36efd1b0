"""The udp input: one event a datagram; what comes faster than the pipeline takes it is lost by the system, unseen."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable
from functools import partial

from logging_pipeline.errors import ConfigurationError
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.running.interfaces import Line
from logging_pipeline.logstash_engine.running.waiting_lines import WaitingLines

__all__ = ["Datagrams"]


class Datagrams(WaitingLines):
    """
    Listens from its making on.

    Args:
        size: the longest datagram, bytes.
        complete: puts the sender's address into an event.

    Raises:
        ConfigurationError: the port is taken, or the address is not this machine's.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        size: int,
        decode: Callable[[bytes], list[Event]],
        complete: Callable[[str, Event], object],
    ) -> None:
        super().__init__(decode)
        put = self.put

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                put(Line.of(self.request[0], partial(complete, self.client_address[0])))

        class Server(socketserver.UDPServer):
            max_packet_size = size

        try:
            self._server = Server((host, port), Handler)
        except OSError as error:
            raise ConfigurationError(
                f"input udp {host}:{port}", f"cannot listen there: {error.strerror}", "Choose another port or address"
            ) from error
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="logpipe.udp", daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        super().close()
        self._server.shutdown()
        self._server.server_close()
