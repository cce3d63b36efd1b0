"""The stdin input: a line each, until the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import BinaryIO

from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.running.waiting_lines import WaitingLines

__all__ = ["StreamOfLines"]


class StreamOfLines(WaitingLines):
    """Reads *stream* on a thread of its own."""

    def __init__(self, stream: BinaryIO, *, decode: Callable[[bytes], list[Event]]) -> None:
        super().__init__(decode)
        self._stream = stream
        threading.Thread(target=self._read, name="logpipe.stdin", daemon=True).start()

    def _read(self) -> None:
        for line in self._stream:
            if stripped := line.rstrip(b"\r\n"):
                self.put(stripped)
