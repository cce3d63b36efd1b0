"""Whatever answers instead of Kibana, or Kibana instead of well, the error says what to do."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from logging_pipeline.errors import ConfigurationError, KibanaError
from logging_pipeline.kibana import client
from logging_pipeline.kibana.client import Kibana
from logging_pipeline.kibana.saved_objects import Key
from logging_pipeline.kibana.targets import Target
from tests.kibana.conftest import Item
from tests.kibana.stand_in import API_KEY, StandIn


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between attempts."""
    monkeypatch.setattr(client, "TRY_AGAIN_AFTER_S", 0)


@pytest.mark.parametrize(
    ("status", "body", "headers", "says"),
    [
        (401, b'{"message":"unable to authenticate"}', {}, "LOGPIPE_KIBANA_API_KEY"),
        (403, b'{"message":"Unable to bulk_create dashboard"}', {}, "Saved Objects Management: all"),
        (403, b'{"message":"Your basic license does not support it"}', {}, "Its licence does not allow that"),
        (404, b"<html>nothing here</html>", {}, "not as Kibana does"),
        (302, b"", {"Location": "https://sso.example/log-in"}, "leads elsewhere, to https://sso.example/log-in"),
        (413, b"<html>413 from nginx</html>", {}, "savedObjects.maxImportPayloadBytes"),
        (422, b'{"message":"belongs to a more recent version of Kibana"}', {}, "a Kibana that is not newer"),
        (429, b'{"message":"Too Many Requests"}', {}, "Wait a little"),
        (400, b'{"message":"Request must contain a kbn-xsrf header."}', {}, "A proxy takes the header"),
        (503, b"Kibana server is not ready yet", {}, "Kibana's own log"),
        (200, b"<html>log in</html>", {}, "not as Kibana does"),
    ],
)
def test_refusals(
    stand_in: StandIn,
    kibana: Kibana,
    objects: list[Item],
    status: int,
    body: bytes,
    headers: dict[str, str],
    says: str,
):
    """Each status names its cure, and a request that writes is sent once."""
    stand_in.answers += [("_import", status, body, headers)] * 5

    with pytest.raises(KibanaError, match=re.escape(says)):
        kibana.import_(objects)
    assert len(stand_in.written()) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"<html>log in</html>",
        b"\xff\xfe",
        b"[" * 100_000,
        b"null",
        b"5",
        b'["x"]',
        b'{"version":"9.1","saved_objects":[{"id":1}],"total":"x","errors":[{}]}',
        b'{"version":5,"saved_objects":[{"type":"tag","id":"x","references":5}],"total":1,"errors":"no"}',
        b'{"success":true,"errors":[{"',
    ],
)
@pytest.mark.parametrize(
    ("path", "ask"),
    [
        ("/status", lambda kibana: kibana.version()),
        ("/_find", lambda kibana: kibana.found(["tag"])),
        ("/_export", lambda kibana: kibana.export([Key("tag", "x")])),
        ("/_import", lambda kibana: kibana.import_([])),
        ("/_resolve_import_errors", lambda kibana: kibana.resolve([], [])),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_kibanas(
    stand_in: StandIn, kibana: Kibana, path: str, ask: Callable[[Kibana], object], body: bytes
):
    """An answer of another form, whole or half, in the middle of the work too, is told as such."""
    stand_in.answers.append((path, 200, body, {}))

    with pytest.raises(KibanaError, match="answers, but not as Kibana does"):
        ask(kibana)


def test_what_only_reads_is_tried_again(stand_in: StandIn, kibana: Kibana):
    """Twice unready, then well; refusals are not tried again."""
    stand_in.answers += [("status", 503, b"not ready", {})] * 2
    assert kibana.version() == "9.2.3"
    assert len(stand_in.requests) == 3
    stand_in.answers += [("status", 403, b'{"message":"no"}', {})] * 3
    with pytest.raises(KibanaError, match="no"):
        kibana.version()
    assert len(stand_in.requests) == 4


def test_nobody_is_there():
    """A closed port says so, with the setting's name."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with Kibana(Target("kibana", f"http://127.0.0.1:{port}")) as kibana, pytest.raises(KibanaError, match="KIBANA_URL"):
        kibana.version()


def test_it_hangs(monkeypatch: pytest.MonkeyPatch):
    """A server that takes the request and never answers is given up on; an import may have been carried out."""
    monkeypatch.setattr(client, "READ_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Kibana(Target("kibana", address)) as kibana:
            with pytest.raises(KibanaError, match="Try again later"):
                kibana.version()
            with pytest.raises(KibanaError, match="may have been carried out"):
                kibana.import_([])


def test_a_redirect_is_not_followed(stand_in: StandIn):
    """The key is sent to the address of the settings and to no other."""
    seen: list[str | None] = []

    class Thief(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Authorization"))
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    thief = HTTPServer(("127.0.0.1", 0), Thief)
    threading.Thread(target=thief.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    stand_in.answers.append(("status", 302, b"", {"Location": f"http://127.0.0.1:{thief.server_port}/"}))
    with Kibana(Target("kibana", stand_in.url, API_KEY)) as kibana, pytest.raises(KibanaError, match="leads elsewhere"):
        kibana.version()
    thief.shutdown()
    thief.server_close()
    assert seen == []


@pytest.mark.parametrize("version", ["7.17.9", "8.18.1"])
def test_too_old(stand_in: StandIn, kibana: Kibana, version: str):
    """Older ones are refused by number."""
    stand_in.version = version
    with pytest.raises(KibanaError, match=f"is Kibana {version}"):
        kibana.version()


def test_up_and_no_more(stand_in: StandIn, kibana: Kibana):
    """Without a key Kibana tells strangers only that it is up."""
    stand_in.answers.append(("status", 200, b'{"status":{"overall":{"level":"available"}}}', {}))
    with pytest.raises(KibanaError, match="LOGPIPE_KIBANA_API_KEY"):
        kibana.version()


def test_a_space_that_is_not(stand_in: StandIn, target: Target):
    """Kibana would import into it all the same, so it is asked for first."""
    with Kibana(target, "nowhere") as kibana, pytest.raises(KibanaError, match="Name a space that there is"):
        kibana.look_for_space()


def test_absent_objects_do_not_fail_an_export(stand_in: StandIn, kibana: Kibana, objects: list[Item]):
    """Kibana refuses the whole export for one; those that are there come."""
    stand_in.store.put("default", objects[0])
    found = kibana.export([Key("tag", "logs"), Key("tag", "gone")])
    assert [each["id"] for each in found] == ["logs"]
    assert kibana.export([Key("tag", "gone")]) == []


def test_a_size_that_kibana_refuses(stand_in: StandIn, kibana: Kibana, objects: list[Item]):
    """Its limit is named in its own words."""
    stand_in.max_bytes = 100
    with pytest.raises(KibanaError, match="greater than maximum allowed: 100"):
        kibana.import_(objects)


def test_too_many_objects_to_page_through(stand_in: StandIn, kibana: Kibana, monkeypatch: pytest.MonkeyPatch):
    """All pages are read, and more than Kibana pages through is an error."""
    monkeypatch.setattr(client, "PAGE", 2)
    monkeypatch.setattr(client, "MAX_FOUND", 6)
    for n in range(6):
        stand_in.store.put("default", {"type": "tag", "id": f"t{n}", "attributes": {"name": "t"}, "references": []})
    assert len(kibana.found(["tag"])) == 6
    stand_in.store.put("default", {"type": "tag", "id": "t6", "attributes": {"name": "t"}, "references": []})
    with pytest.raises(KibanaError, match="more than 6 objects"):
        kibana.found(["tag"])


def test_only_a_certificate_that_is_trusted(tmp_path: Path):
    """One of an authority of our own is refused, with the setting's name, until the setting names the authority."""
    certificate, key = tmp_path / "ca.pem", tmp_path / "key.pem"
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.fail("openssl is not installed: apt-get install openssl", pytrace=False)
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=stand-in", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    server = StandIn(tls=tls)
    server.start()
    try:
        with Kibana(Target("kibana", server.url, API_KEY)) as kibana, pytest.raises(KibanaError, match="KIBANA_CA"):
            kibana.version()
        assert server.requests == []
        with Kibana(Target("kibana", server.url, API_KEY, str(certificate))) as kibana:
            assert kibana.version() == "9.2.3"
    finally:
        server.stop()


def test_an_authority_that_cannot_be_read(tmp_path: Path):
    """The setting is named."""
    with pytest.raises(ConfigurationError, match="LOGPIPE_KIBANA_CA"):
        Kibana(Target("kibana", "https://127.0.0.1:1", ca=str(tmp_path / "none.pem")))
