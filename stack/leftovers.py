"""
Programs that outlived a stack which was itself killed: they would hold its ports and its data.

Every program inherits a lock on its pid file. The lock is free when the program and all its children are gone, so a
number in the file never points at a stranger.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["end_leftovers", "hold", "is_held"]

PATIENCE_S = 20.0


def hold(pid_file: Path) -> int:
    """A file descriptor that holds the lock of *pid_file*, to be inherited by the program and closed by us."""
    descriptor = os.open(pid_file, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor


def end_leftovers(run_dir: Path, report: Callable[[str, str], None]) -> None:
    """End every program whose pid file in *run_dir* is still held: in good order, then by force."""
    for pid_file in sorted(run_dir.glob("*.pid")):
        if is_held(pid_file):
            pid = int(pid_file.read_text())
            report(pid_file.stem, f"process {pid} was left by an earlier run; ending it")
            _end(pid, pid_file)
        pid_file.unlink()


def _end(pid: int, pid_file: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            os.killpg(pid, number)
        deadline = time.monotonic() + PATIENCE_S
        while is_held(pid_file) and time.monotonic() < deadline:
            time.sleep(0.1)


def is_held(pid_file: Path) -> bool:
    """Whether the program of *pid_file*, or a child of it, is there."""
    with pid_file.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
