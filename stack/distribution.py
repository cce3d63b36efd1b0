"""Fetches the Elasticsearch distribution once, from the Maven repository, and verifies it."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import requests
from maven_artifact.artifact import Artifact  # type: ignore[import-untyped]
from maven_artifact.resolver import Resolver  # type: ignore[import-untyped]

from stack.errors import StackError

__all__ = ["SHA512", "VERSION", "install"]

VERSION = "9.5.3"
ARTIFACT = Artifact("org.elasticsearch.distribution.integ-test-zip", "elasticsearch", VERSION, extension="zip")
SHA512 = (
    "ae57654932de854d755af63f2a63667621967870b79ec449407618075c13dc12"
    "012317388e0a232071e4f2a65c9d973bb681d978fac56445a0790443df0823d1"
)
LOCAL_REPOSITORY = Path.home() / ".m2" / "repository"
CONNECT_TIMEOUT_S = 15
READ_TIMEOUT_S = 60
CHUNK_BYTES = 64 * 1024
MEGABYTE = 1_000_000

Report = Callable[[str], None]


def install(
    cache_dir: Path,
    *,
    mirror: str = "",
    report: Report = print,
    sha512: str = SHA512,
    local_repository: Path = LOCAL_REPOSITORY,
) -> Path:
    """
    The folder of the unpacked distribution, below *cache_dir*; fetches it when it is not there yet.

    A verified copy in the *local_repository* of Maven is used before the network. What a broken download has left
    is continued; nothing is used before its checksum is right, and folders appear whole or not at all.

    Args:
        mirror: base address of another Maven repository; empty: Maven's usual one.

    Raises:
        StackError: it cannot be fetched, or what came is not what was expected.
    """
    home = cache_dir / f"elasticsearch-{VERSION}"
    if home.exists():
        return home
    cache_dir.mkdir(parents=True, exist_ok=True)
    archive = cache_dir / f"elasticsearch-{VERSION}.zip"
    copy = Path(ARTIFACT.uri(str(local_repository)))
    if copy.is_file() and _sha512(copy) == sha512:
        report(f"Elasticsearch {VERSION}: using the copy in {copy.parent}")
        _unpack(copy, home)
        return home
    if not (archive.is_file() and _sha512(archive) == sha512):
        _download(ARTIFACT.uri(mirror.rstrip("/") or Resolver.default().base), archive, sha512, report)
    _unpack(archive, home)
    archive.unlink()
    return home


def _download(url: str, archive: Path, sha512: str, report: Report) -> None:
    part = archive.with_suffix(".part")
    try:
        _continue(url, part, report)
    except (requests.RequestException, OSError) as error:
        raise StackError(
            f"Elasticsearch {VERSION} could not be downloaded from {url} ({_short(error)})",
            "Check the network and run the same command again: it continues where it stopped. "
            "Behind a proxy set HTTPS_PROXY; for another Maven repository set LOGPIPE_MAVEN_MIRROR; "
            f"or put the file into {archive} yourself",
        ) from error
    if (found := _sha512(part)) != sha512:
        part.unlink()
        raise StackError(
            f"What came from {url} is not Elasticsearch {VERSION}: its SHA-512 begins {found[:12]}, not {sha512[:12]}",
            "It was thrown away. Run the command again; if it comes back, a proxy or mirror changes what it carries",
        )
    part.replace(archive)


def _continue(url: str, part: Path, report: Report) -> None:
    """Fetch *url* into *part*, from where it ends now."""
    done = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={done}-"} if done else {}
    with requests.get(url, headers=headers, stream=True, timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S)) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            return  # it is whole already; the checksum decides
        answer.raise_for_status()
        continued = answer.status_code == requests.codes.partial_content
        done = done if continued else 0
        total = done + int(answer.headers.get("Content-Length", 0))
        report(
            f"Elasticsearch {VERSION}: downloading {total / MEGABYTE:.0f} MB, once" + (", continued" if done else "")
        )
        announced = done
        with part.open("ab" if continued else "wb") as file:
            for chunk in answer.iter_content(CHUNK_BYTES):
                file.write(chunk)
                done += len(chunk)
                if done - announced > total / 4:
                    announced = done
                    report(f"Elasticsearch {VERSION}: {done / MEGABYTE:.0f} of {total / MEGABYTE:.0f} MB")
        if done < total:
            raise requests.ConnectionError(f"the connection ended after {done} of {total} bytes")


def _unpack(archive: Path, home: Path) -> None:
    """Unpack beside *home* and move it there in one step."""
    staging = home.with_name(f"{home.name}.unpacking-{os.getpid()}")
    shutil.rmtree(staging, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as zipped:
            zipped.extractall(staging)  # its checksum was verified
            for entry in zipped.infolist():
                runs = entry.is_dir() or entry.external_attr >> 16 & stat.S_IXUSR
                (staging / entry.filename).chmod(0o755 if runs else 0o644)  # zipfile forgets what may be executed
        try:
            (staging / f"elasticsearch-{VERSION}").rename(home)
        except OSError:
            if not home.exists():  # otherwise another process was first, with the same content
                raise
    except OSError as error:
        raise StackError(
            f"{archive.name} could not be unpacked into {home.parent} ({_short(error)})",
            "Make room (about 300 MB) or set LOGPIPE_CACHE_DIR to another folder",
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _sha512(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha512").hexdigest()


def _short(error: Exception) -> str:
    """The innermost reason, which is what a person can act on."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]  # checked on the line above
    return str(error).strip() or type(error).__name__
