"""The passwords and keys of the embedded stack: made once, kept in one private file, never printed to a log."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

__all__ = ["NAMES", "load"]

# Each is random; the two that a person types are short.
NAMES: Mapping[str, int] = {
    "REDIS_PASSWORD": 32,
    "LOGPIPE_SETUP_PASSWORD": 32,
    "LOGPIPE_WRITER_PASSWORD": 32,
    "LOGPIPE_READER_PASSWORD": 32,
    "LOGPIPE_PRIVACY_PASSWORD": 32,
    "LOGPIPE_HASH_KEY": 48,
    "SHOP_SECRET_KEY": 48,
    "SHOP_STAFF_PASSWORD": 9,
    "SHOP_CUSTOMER_PASSWORD": 9,
}


def load(file: Path) -> dict[str, str]:
    """
    Every name of `NAMES` with its value, from *file*; makes what is missing there.

    The file is readable by its owner alone; one ``NAME=value`` a line. Its last line wins, as in a shell.
    """
    known = dict(_read(file))
    missing = {name: secrets.token_urlsafe(size) for name, size in NAMES.items() if name not in known}
    if missing:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as out:
            out.writelines(f"{name}={value}\n" for name, value in missing.items())
    file.chmod(0o600)
    return {name: (known | missing)[name] for name in NAMES}


def _read(file: Path) -> list[tuple[str, str]]:
    lines = file.read_text().splitlines() if file.exists() else []
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return [(name, value) for name, _, value in pairs]
