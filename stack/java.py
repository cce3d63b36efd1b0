"""Finds a Java that Elasticsearch accepts; the one on the PATH is often too old."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from stack.account import Account
from stack.errors import StackError

__all__ = ["OLDEST", "find_java_home"]

OLDEST = 21  # Elasticsearch 9's own requirement
JAVA_FOLDERS = ("/usr/lib/jvm/*", "/Library/Java/JavaVirtualMachines/*/Contents/Home", "/opt/java/*", "/opt/jdk*")


def find_java_home(
    account: Account, chosen: str = "", environ: Mapping[str, str] | None = None, folders: Iterable[str] = JAVA_FOLDERS
) -> Path:
    """
    The home of a JDK of version `OLDEST` or newer that *account* may run.

    Without a *chosen* one, JAVA_HOME is asked first, then the usual *folders* (newest first), then the PATH.

    Raises:
        StackError: there is none.
    """
    environ = os.environ if environ is None else environ
    if chosen:
        version = java_version(Path(chosen), account)
        if version is None or version < OLDEST:
            found = "no Java that runs" if version is None else f"Java {version}"
            raise StackError(f"LOGPIPE_JAVA_HOME={chosen} holds {found}", f"Name the folder of a JDK {OLDEST} or newer")
        return Path(chosen)
    seen: dict[Path, int] = {}
    for home in _candidates(environ, folders):
        version = java_version(home, account)
        if version is not None and version >= OLDEST:
            return home
        if version is not None:
            seen[home] = version
    older = ", ".join(f"Java {version} in {home}" for home, version in seen.items()) or "no Java at all"
    raise StackError(
        f"Elasticsearch needs a JDK {OLDEST} or newer; found {older}",
        "Install one (Debian: apt-get install openjdk-21-jdk-headless; macOS: brew install temurin), "
        "or set LOGPIPE_JAVA_HOME to its folder",
    )


def java_version(home: Path, account: Account) -> int | None:
    """The major version of the Java in *home*; None when *account* cannot run it."""
    try:
        answer = subprocess.run(
            [home / "bin" / "java", "-version"],
            capture_output=True,
            text=True,
            timeout=20,
            cwd="/",  # ours may be closed to the account
            **account.popen_arguments,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', answer.stderr)
    return int(match[1]) if match else None


def _candidates(environ: Mapping[str, str], folders: Iterable[str]) -> Iterable[Path]:
    if home := environ.get("JAVA_HOME"):
        yield Path(home)
    homes = {path.resolve() for pattern in folders for path in Path("/").glob(pattern.lstrip("/"))}
    yield from sorted((home for home in homes if (home / "bin" / "java").exists()), key=_number_in_name, reverse=True)
    if program := shutil.which("java", path=environ.get("PATH", "")):
        yield Path(program).resolve().parent.parent


def _number_in_name(home: Path) -> tuple[int, str]:
    """``temurin-25-jdk-amd64`` → 25, so that the newest is asked first; only an order, the version is asked for."""
    numbers = re.findall(r"\d+", home.name)
    return (int(numbers[0]) if numbers else 0, home.name)
