"""Fetching Elasticsearch: from a local repository that misbehaves as real ones do."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stack.distribution import ARTIFACT, CHUNK_BYTES, VERSION, install
from stack.errors import StackError
from stack.ports import free_port

PROGRAM = f"elasticsearch-{VERSION}/bin/elasticsearch"


def archive() -> bytes:
    """A distribution in small: a program that may be executed, and a file that may not."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        for name, mode in ((PROGRAM, 0o755), (f"elasticsearch-{VERSION}/README", 0o644)):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            zipped.writestr(entry, name * 10_000)
    return out.getvalue()


ARCHIVE = archive()
SHA512 = hashlib.sha512(ARCHIVE).hexdigest()


class Mirror:
    """A Maven repository on a free port that serves *content* and breaks off after *breaks_after* bytes."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.breaks_after: int | None = None
        self.requests: list[tuple[str, str | None]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/maven"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                wanted = self.headers.get("Range")
                mirror.requests.append((self.path, wanted))
                start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
                if start >= len(mirror.content):
                    self.send_error(416)
                    return
                body = mirror.content[start:]
                self.send_response(206 if wanted else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body if mirror.breaks_after is None else body[: mirror.breaks_after])

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        return Handler


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    mirror = Mirror(ARCHIVE)
    yield mirror
    mirror.close()


def fetch(cache: Path, mirror_url: str, *, sha512: str = SHA512, local: Path | None = None) -> Path:
    return install(
        cache,
        mirror=mirror_url,
        report=lambda _: None,
        sha512=sha512,
        local_repository=local or cache / "no-repository",
    )


def test_fetches_once(tmp_path: Path, mirror: Mirror):
    """The distribution is downloaded, verified and unpacked, executable bits included; a second call asks nobody."""
    home = fetch(tmp_path, mirror.url)
    assert (home / "bin" / "elasticsearch").stat().st_mode & 0o777 == 0o755
    assert (home / "README").stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir()] == [f"elasticsearch-{VERSION}"]
    assert fetch(tmp_path, mirror.url) == home
    place = f"/maven/org/elasticsearch/distribution/integ-test-zip/elasticsearch/{VERSION}/elasticsearch-{VERSION}.zip"
    assert mirror.requests == [(place, None)]


def test_continues_a_broken_download(tmp_path: Path, mirror: Mirror):
    """A download that broke off is an error that says so, and the next run asks only for the rest."""
    mirror.breaks_after = CHUNK_BYTES + 100
    with pytest.raises(StackError, match=r"could not be downloaded .* it continues where it stopped"):
        fetch(tmp_path, mirror.url)
    mirror.breaks_after = None
    assert (fetch(tmp_path, mirror.url) / "README").exists()
    assert [wanted for _, wanted in mirror.requests] == [None, f"bytes={CHUNK_BYTES}-"]


def test_refuses_what_is_not_elasticsearch(tmp_path: Path, mirror: Mirror):
    """A wrong checksum is never unpacked, and thrown away so that the next run starts afresh."""
    mirror.content = b"<html>Log in to the hotel's network</html>"
    with pytest.raises(StackError, match=rf"is not Elasticsearch {VERSION}: its SHA-512 begins"):
        fetch(tmp_path, mirror.url)
    assert list(tmp_path.iterdir()) == []
    mirror.content = ARCHIVE
    assert fetch(tmp_path, mirror.url).exists()


def test_a_download_that_had_just_finished_is_not_asked_for_again(tmp_path: Path, mirror: Mirror):
    """A stop between the last byte and the check costs nothing."""
    (tmp_path / f"elasticsearch-{VERSION}.part").write_bytes(ARCHIVE)
    assert fetch(tmp_path, mirror.url).exists()
    assert [wanted for _, wanted in mirror.requests] == [f"bytes={len(ARCHIVE)}-"]


def test_without_a_network_the_error_names_the_address_and_the_cures(tmp_path: Path):
    """Who cannot download learns of the proxy, the mirror and the place to put the file."""
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(StackError) as caught:
        fetch(tmp_path, url)
    message = str(caught.value)
    for word in (
        url,
        "Connection refused",
        "HTTPS_PROXY",
        "LOGPIPE_MAVEN_MIRROR",
        f"{tmp_path}/elasticsearch-{VERSION}.zip",
    ):
        assert word in message
    assert "\n" not in message


def test_takes_a_copy_that_was_put_there(tmp_path: Path):
    """The file that the error asked for is used, without a network."""
    (tmp_path / f"elasticsearch-{VERSION}.zip").write_bytes(ARCHIVE)
    assert fetch(tmp_path, f"http://127.0.0.1:{free_port()}").exists()


def test_takes_maven_s_own_copy(tmp_path: Path, mirror: Mirror):
    """What Maven has fetched already is not fetched again, and a damaged copy is passed over."""
    copy = Path(ARTIFACT.uri(str(tmp_path / "m2")))
    copy.parent.mkdir(parents=True)
    copy.write_bytes(ARCHIVE)
    assert fetch(tmp_path / "first", mirror.url, local=tmp_path / "m2").exists()
    assert mirror.requests == []
    copy.write_bytes(ARCHIVE[:-1])
    assert fetch(tmp_path / "second", mirror.url, local=tmp_path / "m2").exists()
    assert len(mirror.requests) == 1
