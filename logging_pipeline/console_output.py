"""Events as lines for people, on standard error: what a developer sees without a broker."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, TextIO

__all__ = ["ConsoleOutput"]

_COLOURS = {"debug": "2", "info": "32", "warning": "33", "error": "31", "critical": "1;31"}
_HIDDEN = (
    "@timestamp",
    "message",
    "event",
    "log",
    "data_stream",
    "agent",
    "service",
    "host",
    "process",
    "ecs",
    "error",
)

_FOR_SEARCHING = frozenset({
    "trace.id", "span.id", "transaction.id", "parent.id", "user.hash", "client.ip", "http.request.id",
    "http.request.referrer", "http.request.method", "http.request.body.bytes", "http.response.status_code",
    "http.response.mime_type", "http.response.body.bytes", "url.path", "url.domain", "url.scheme",
    "user_agent.original",
})  # fmt: skip
"""Fields that every request has, or that the line says already: in Elasticsearch, and too much for a terminal."""


class ConsoleOutput:
    """Prints documents, masked as they would be shipped, one line each and the stack trace below."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._colour = self._stream.isatty()

    def __call__(self, document: dict[str, Any]) -> None:
        """Print *document*."""
        level = document["log"]["level"]
        if document["event"]["dataset"].endswith(".ledger"):
            return
        time = document["@timestamp"][11:23]
        message = _printable(str(document.get("message", "")))
        duration = document["event"].get("duration")
        if isinstance(duration, int):
            message += f" in {duration / 1e6:.1f} ms"
        pairs = " ".join(f"{key}={_printable(str(value))}" for key, value in _leaves(document))
        line = f"{time} {self._paint(f'{level:<8}', level)} {message}  {pairs}".rstrip()
        trace = document.get("error", {}).get("stack_trace", "")
        body = "".join(f"    {_printable(row)}\n" for row in trace.splitlines())
        try:
            self._stream.write(f"{line}\n{body}")
            self._stream.flush()
        except (OSError, ValueError):
            return  # the terminal went away

    def _paint(self, text: str, level: str) -> str:
        return f"\x1b[{_COLOURS.get(level, '0')}m{text}\x1b[0m" if self._colour else text


def _leaves(document: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if not prefix and key in _HIDDEN:
            continue
        name = key if prefix in ("", "labels.", "numeric_labels.") else f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        elif name not in _FOR_SEARCHING:
            yield name, value


def _printable(text: str) -> str:
    """*text* without control characters: a log line must not steer a terminal."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
