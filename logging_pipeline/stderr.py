"""Where the pipeline speaks of itself: standard error, at a bounded rate, never through its own stages."""

from __future__ import annotations

import os
import sys
import threading
import time

from logging_pipeline.sensitive import without_secrets

__all__ = ["complain"]

MAX_CHARS = 1_000
LINES_A_MINUTE = 30  # of one kind; an outage must not fill the disk that the spool needs

_lock = threading.RLock()  # re-entrant: a signal handler may complain while this very thread does
_kinds: dict[str, tuple[float, int]] = {}


def complain(kind: str, problem: str) -> None:
    """
    Say *problem* on standard error, unless enough of the same *kind* was said in this minute. Never raises.

    Secrets in it are masked, and it is cut to a line's length.

    Args:
        kind: a fixed word that says what sort of problem it is.
    """
    now = time.monotonic()
    with _lock:
        since, said = _kinds.get(kind, (now, 0))
        if now - since >= 60:
            since, said = now, 0
        _kinds[kind] = (since, said + 1)
    if said < LINES_A_MINUTE:
        more = " (more of these are kept back for a minute)" if said == LINES_A_MINUTE - 1 else ""
        try:
            print(f"logging_pipeline: {kind}: {_presentable(problem)}{more}", file=sys.stderr, flush=True)
        except (OSError, ValueError):
            return  # standard error is closed or full: nobody is left to tell


def _presentable(problem: str) -> str:
    return without_secrets(problem[: 8 * MAX_CHARS])[:MAX_CHARS]


def _forget_lock() -> None:
    """In a forked child nobody would ever release a lock that another thread held in the parent."""
    global _lock
    _lock = threading.RLock()


os.register_at_fork(after_in_child=_forget_lock)
