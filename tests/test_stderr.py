"""Where the pipeline speaks of itself: bounded, and never in the way."""

from __future__ import annotations

import io
import secrets
import sys

from logging_pipeline import stderr
from logging_pipeline.stderr import LINES_A_MINUTE, complain


def test_a_flood_of_one_kind_is_bounded_and_others_are_heard(capsys):
    """An outage must not fill the disk that the spool needs."""
    kind, other = secrets.token_hex(4), secrets.token_hex(4)
    for number in range(500):
        complain(kind, str(number))
    complain(other, "heard")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == LINES_A_MINUTE + 1
    assert lines[LINES_A_MINUTE - 1].endswith("(more of these are kept back for a minute)")
    assert lines[-1] == f"logging_pipeline: {other}: heard"


def test_a_minute_later_it_is_heard_again(capsys, monkeypatch):
    """The problem may still be there."""
    kind, now = secrets.token_hex(4), [1_000.0]
    monkeypatch.setattr(stderr.time, "monotonic", lambda: now[0])
    for _ in range(100):
        complain(kind, "x")
    now[0] += 61
    complain(kind, "again")
    assert capsys.readouterr().err.count("again") == 1


def test_without_standard_error_nothing_is_raised(monkeypatch):
    """A daemon may have closed it."""
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    complain(secrets.token_hex(4), "x")
