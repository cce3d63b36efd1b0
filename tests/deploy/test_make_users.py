"""What the set-up service of the compose file asks of Elasticsearch's security."""

from __future__ import annotations

import base64
import json
import runpy
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from logging_pipeline.errors import ConfigurationError
from logging_pipeline.indexes import roles

SCRIPT = Path(__file__).resolve().parents[2] / "deploy/docker/make_users.py"
PASSWORDS = {
    name: f"{name.lower()}-made-up-word"
    for name in (
        "ELASTIC_PASSWORD",
        "LOGPIPE_SETUP_PASSWORD",
        "LOGPIPE_WRITER_PASSWORD",
        "LOGPIPE_READER_PASSWORD",
        "LOGPIPE_PRIVACY_PASSWORD",
        "KIBANA_SYSTEM_PASSWORD",
    )
}


class Security(BaseHTTPRequestHandler):
    """The security API as far as it is asked: it notes requests and says yes to the administrator."""

    asked: list[tuple[str, str, Any]]

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        name, _, password = base64.b64decode(self.headers["authorization"].split()[1]).decode().partition(":")
        allowed = (name, password) == ("elastic", PASSWORDS["ELASTIC_PASSWORD"])
        if allowed:
            self.asked.append((self.command, self.path, body))
        self.send_response(200 if allowed else 401)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_POST(self) -> None:
        self.do_PUT()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@pytest.fixture
def security() -> Iterator[tuple[str, list[tuple[str, str, Any]]]]:
    asked: list[tuple[str, str, Any]] = []
    server = HTTPServer(("127.0.0.1", 0), type("Noting", (Security,), {"asked": asked}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def make_users(environ: dict[str, str]) -> list[str]:
    made: list[str] = runpy.run_path(str(SCRIPT))["make_users"](environ)
    return made


def test_makes_every_role_and_its_user(security: tuple[str, list[tuple[str, str, Any]]]):
    """Each user has the role of its name, the roles are the library's, and Kibana's account gets its password."""
    url, asked = security

    made = make_users({**PASSWORDS, "LOGPIPE_ELASTICSEARCH_URL": url, "LOGPIPE_APP": "shop"})

    assert made == ["logpipe_setup", "logpipe_writer", "logpipe_reader", "logpipe_privacy", "kibana_system"]
    assert asked == [
        *(("PUT", f"/_security/role/{name}", role) for name, role in roles("shop").items()),
        *(
            (
                "PUT",
                f"/_security/user/logpipe_{who}",
                {"password": PASSWORDS[f"LOGPIPE_{who.upper()}_PASSWORD"], "roles": [f"logpipe_{who}"]},
            )
            for who in ("setup", "writer", "reader", "privacy")
        ),
        ("POST", "/_security/user/kibana_system/_password", {"password": PASSWORDS["KIBANA_SYSTEM_PASSWORD"]}),
    ]


@pytest.mark.parametrize("name", sorted(PASSWORDS))
@pytest.mark.parametrize("value", ["", "short"])
def test_a_missing_or_weak_password_stops_it(security: tuple[str, list[tuple[str, str, Any]]], name: str, value: str):
    """No user is made with an empty or guessable password, and the one at fault is named."""
    url, asked = security

    with pytest.raises(ConfigurationError, match=f"{name}: is missing or shorter"):
        make_users({**PASSWORDS, "LOGPIPE_ELASTICSEARCH_URL": url, name: value})
    assert asked == []


def test_a_wrong_administrator_is_told(security: tuple[str, list[tuple[str, str, Any]]]):
    """A data volume that remembers another password is told as such, without showing this one."""
    url, _ = security

    with pytest.raises(ConfigurationError, match="refused them") as raised:
        make_users({**PASSWORDS, "LOGPIPE_ELASTICSEARCH_URL": url, "ELASTIC_PASSWORD": "another-made-up-word"})
    assert "another-made-up-word" not in str(raised.value)
