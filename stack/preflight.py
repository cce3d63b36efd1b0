"""What can be seen to be in the way before anything is started; each is said in one line that names the cure."""

from __future__ import annotations

import dataclasses
import os
import shutil
from pathlib import Path

from stack.errors import StackError
from stack.leftovers import hold
from stack.ports import is_free
from stack.settings import ENV_PREFIX, StackSettings

__all__ = ["check_disk", "check_ports", "hold_stack"]

GIGABYTE = 1_000_000_000
LEAST_FREE_BYTES = 2 * GIGABYTE  # Elasticsearch stops taking writes when 0.4 GB are left


def hold_stack(pid_file: Path) -> int:
    """
    Make sure that this is the only stack with this folder; the descriptor is held until the process ends.

    Raises:
        StackError: one is running.
    """
    try:
        descriptor = hold(pid_file)
    except BlockingIOError:
        raise StackError(
            f"The stack is running already, as process {pid_file.read_text().strip()}",
            "Use that one, end it with `make stop`, or set LOGPIPE_VAR_DIR (and the ports) for a second one",
        ) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor


def check_ports(settings: StackSettings) -> None:
    """
    Raises:
        StackError: somebody else listens on a port of ours, or two of ours are the same.
    """
    meanings = {ENV_PREFIX + f.name.upper(): f.metadata["meaning"] for f in dataclasses.fields(settings)}
    users: dict[int, str] = {}
    for name, port in settings.ports.items():
        if port in users:
            raise StackError(f"{name} and {users[port]} are both {port}", f"Give {name} another port")
        users[port] = name
        if not is_free(port):
            what = meanings[name].rstrip(".")
            raise StackError(
                f"Port {port} ({what}) is taken by another program",
                f"End that program, or choose another port: make run {name}={port + 100}",
            )


def check_disk(folder: Path, least_bytes: int = LEAST_FREE_BYTES) -> None:
    """
    Raises:
        StackError: the disk of *folder* has less than *least_bytes* free.
    """
    free = shutil.disk_usage(folder).free
    if free < least_bytes:
        raise StackError(
            f"The disk of {folder} has {free / GIGABYTE:.1f} GB free; {least_bytes / GIGABYTE:.1f} GB are needed",
            "Make room, or set LOGPIPE_VAR_DIR to a folder on another disk",
        )
