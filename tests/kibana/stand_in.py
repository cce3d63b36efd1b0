"""A small real HTTP server that answers as Kibana does: import, export, find, spaces, status, and its refusals."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.kibana.object_store import NEWEST_LATER, NEWEST_OF_8, NEWEST_OF_9, Item, ObjectStore, Refused

API_KEY = "bm90LWE6cmVhbC1rZXk="
Answer = tuple[int, bytes, dict[str, str]]


class StandIn:
    """
    The server; `start` it, and `stop` it.

    Attributes:
        store: what it holds; look into it, edit it.
        spaces: names by ids. As with Kibana, an import into any other works and is never seen again.
        requests: what was asked, as ``POST /s/x/api/saved_objects/_import``.
        answers: answers to give instead of its own, first come, first served: ``(path's end, status, body, headers)``.
        before_answering: called with each request, under its name in *requests*.
        max_bytes: ``savedObjects.maxImportPayloadBytes``.
    """

    def __init__(self, version: str = "9.2.3", tls: ssl.SSLContext | None = None) -> None:
        self.version = version
        newest = {"8.19": NEWEST_OF_8, "9.2": NEWEST_OF_9}.get(version.rpartition(".")[0], NEWEST_LATER)
        self.store = ObjectStore(newest)
        self.spaces = {"default": "Default", "team": "Team <b>one</b>"}
        self.requests: list[str] = []
        self.answers: list[tuple[str, int, bytes, dict[str, str]]] = []
        self.before_answering: Callable[[str], None] = lambda _request: None
        self.max_bytes = 26_214_400
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)

    @property
    def url(self) -> str:
        """With a base path, as behind a proxy."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}/kibana"

    def start(self) -> None:
        """Serve from now on."""
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Answer nothing any more."""
        self._server.shutdown()
        self._server.server_close()

    def written(self) -> list[str]:
        """The requests that could have written something."""
        return [each for each in self.requests if not each.startswith("GET") and not each.endswith("_export")]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def do_DELETE(self) -> None:
                self._answer()

            def log_message(self, *_: Any) -> None:
                pass

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = self.path.removeprefix("/kibana")
                name = f"{self.command} {path.partition('?')[0]}"
                stand_in.requests.append(name)
                stand_in.before_answering(name)
                with stand_in._lock:
                    status, content, headers = stand_in._scripted(path) or stand_in._own(
                        self.command, path, dict(self.headers.items()), body
                    )
                with suppress(ConnectionError):  # whoever asked has gone
                    self.send_response(status)
                    for header, value in {"kbn-name": "stand-in", **headers}.items():
                        self.send_header(header, value)
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

        return Handler

    def _scripted(self, path: str) -> Answer | None:
        for n, (end, status, body, headers) in enumerate(self.answers):
            if path.partition("?")[0].endswith(end):
                del self.answers[n]
                return status, body, headers
        return None

    def _own(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        try:
            return self._route(method, target, {name.lower(): value for name, value in headers.items()}, body)
        except Refused as refused:
            error = {"statusCode": refused.status, "error": "Error", "message": refused.message}
            if refused.attributes:
                error["attributes"] = refused.attributes
            return _json(error, refused.status)

    def _route(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        if headers.get("authorization") != f"ApiKey {API_KEY}":
            raise Refused(401, "[security_exception] unable to authenticate")
        if method != "GET" and "kbn-xsrf" not in headers:
            raise Refused(400, "Request must contain a kbn-xsrf header.")
        parts = urlsplit(target)
        within = re.fullmatch(r"(?:/s/([a-z0-9_-]+))?(/api/.+)", parts.path)
        if not within:
            return 404, b'{"statusCode":404,"error":"Not Found","message":"Not Found"}', {}
        space, path = within[1] or "default", within[2]
        query = parse_qs(parts.query)
        if path == "/api/status":
            return _json(
                {"name": "stand-in", "version": {"number": self.version}, "status": {"overall": {"level": "available"}}}
            )
        if path == "/api/spaces/space":
            return _json([{"id": each, "name": name, "disabledFeatures": []} for each, name in self.spaces.items()])
        if path.startswith("/api/spaces/space/"):
            wanted = path.rpartition("/")[2]
            if wanted not in self.spaces:
                raise Refused(404, "Not Found")
            return _json({"id": wanted, "name": self.spaces[wanted]})
        return self._saved_objects(method, space, path.removeprefix("/api/saved_objects/"), query, headers, body)

    def _saved_objects(
        self, method: str, space: str, path: str, query: dict[str, list[str]], headers: dict[str, str], body: bytes
    ) -> Answer:
        if path == "_find":
            page, size = int(query["page"][0]), int(query["per_page"][0])
            return _json(self.store.find(space, query["type"], query.get("fields", []), page, size))
        if path == "_export":
            asked = json.loads(body)
            keys = [(each["type"], each["id"]) for each in asked["objects"]]
            lines = self.store.export(
                space, keys, deep=asked["includeReferencesDeep"], details=not asked.get("excludeExportDetails")
            )
            return 200, "\n".join(map(json.dumps, lines)).encode(), {"Content-Type": "application/ndjson"}
        if path in ("_import", "_resolve_import_errors"):
            items, retries = self._file(headers, body)
            flags = {name: query.get(name) == ["true"] for name in ("overwrite", "createNewCopies")}
            if all(flags.values()):
                raise Refused(400, "[request query]: cannot use [overwrite] with [createNewCopies]")
            ways = retries if path == "_resolve_import_errors" else None
            return _json(self.store.import_(
                space, items, overwrite=flags["overwrite"], new_copies=flags["createNewCopies"], retries=ways
            ))  # fmt: skip
        if method == "DELETE":
            kind, _, name = path.partition("/")
            self.store.delete(space, (unquote(kind), unquote(name)))
            return _json({})
        raise Refused(404, "Not Found")

    def _file(self, headers: dict[str, str], body: bytes) -> tuple[list[Item], list[Item]]:
        if len(body) > self.max_bytes:
            raise Refused(413, f"Payload content length greater than maximum allowed: {self.max_bytes}")
        whole = BytesParser(policy=HTTP).parsebytes(
            b"Content-Type: " + headers["content-type"].encode() + b"\r\n\r\n" + body
        )
        parts = {part.get_param("name", header="content-disposition"): part for part in whole.iter_parts()}
        file = parts["file"]
        name = file.get_filename() or ""
        if not name.endswith(".ndjson"):
            raise Refused(400, f"Invalid file extension .{name.rpartition('.')[2]}")
        text = file.get_payload(decode=True).decode()
        try:
            items = [json.loads(line) for line in text.split("\n") if line.strip()]
        except ValueError as error:
            raise Refused(400, str(error)) from None
        retries = json.loads(parts["retries"].get_payload(decode=True)) if "retries" in parts else []
        return [each for each in items if "exportedCount" not in each], retries


def _json(value: Any, status: int = 200) -> Answer:
    return status, json.dumps(value).encode(), {"Content-Type": "application/json; charset=utf-8"}
