"""A front before Elasticsearch that can be told to misbehave."""

from __future__ import annotations

import http.client
import json
import threading
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from select import select
from urllib.parse import urlsplit

__all__ = ["Front"]

LOSS_S = 60.0  # the longest to wait for a request whose answer can be lost
BUSY = {"error": {"type": "es_rejected_execution_exception", "reason": "too busy, as the test wants it"}, "status": 429}


class Front:
    """
    Passes requests on to the Elasticsearch at *url*; its own address is `url`.

    Attributes:
        mood: ``passing``; ``busy`` (bulk requests are answered 429); ``mute`` (bulk requests are carried out and their
            answers withheld); ``away`` (connections are cut, also those that wait for an answer).
        withheld: set when an answer was.
        turned_away: how many requests were answered 429, or not at all.
        under_way: the requests that Elasticsearch has not answered yet.
    """

    def __init__(self, url: str) -> None:
        self.mood = "passing"
        self.withheld = threading.Event()
        self.turned_away = 0
        self.under_way: set[object] = set()
        self._server = _Server(("127.0.0.1", 0), _handler(self, urlsplit(url).netloc))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, name="front", daemon=True).start()

    def lose_an_answer(self) -> None:
        """Let one bulk request be carried out and withhold its answer; then be ``away``, with nothing under way."""
        self.withheld.clear()
        self.mood = "mute"
        self.withheld.wait(LOSS_S)
        self.mood = "away"
        while self.under_way:
            time.sleep(0.05)

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client was killed while it was answered, as tests do."""


def _handler(front: Front, behind: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            is_bulk = self.path.startswith("/_bulk")
            if front.mood == "away":
                self._cut()
                return
            if is_bulk and front.mood == "busy":
                front.turned_away += 1
                self._answer(429, {"Content-Type": "application/json"}, json.dumps(BUSY).encode())
                return
            front.under_way.add(self)
            try:
                answer = self._ask(body)
            except (OSError, http.client.HTTPException):  # Elasticsearch is away: to the client, so are we
                self._cut()
                return
            finally:
                front.under_way.discard(self)
            if is_bulk and front.mood == "mute":
                front.withheld.set()
                self._cut()
            else:
                self._answer(*answer)

        do_POST = do_PUT = do_HEAD = do_GET  # noqa: N815  # http.server wants these names

        def _cut(self) -> None:
            front.turned_away += 1
            self.close_connection = True

        def _ask(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            with closing(http.client.HTTPConnection(behind, timeout=120)) as connection:
                connection.request(self.command, self.path, body=body or None, headers=dict(self.headers))
                while not select([connection.sock], [], [], 0.2)[0]:
                    if front.mood == "away":
                        raise ConnectionError("nobody waits for an answer any more")
                response = connection.getresponse()
                kept = ("content-type", "x-elastic-product")
                headers = {name: value for name, value in response.getheaders() if name.lower() in kept}
                return response.status, headers, response.read()

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {"X-elastic-product": "Elasticsearch", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
