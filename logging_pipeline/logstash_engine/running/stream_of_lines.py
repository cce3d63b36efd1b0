"""The stdin input: a line each, until the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.running.interfaces import Line
from logging_pipeline.logstash_engine.running.splitting import lines
from logging_pipeline.logstash_engine.running.waiting_lines import WaitingLines

__all__ = ["StreamOfLines"]


class StreamOfLines(WaitingLines):
    """
    Reads on a thread of its own.

    Args:
        read: gives the next piece of the stream, nothing at its end.
        complete: puts what the input knows into an event of the given line.
    """

    def __init__(
        self,
        read: Callable[[], bytes],
        *,
        delimiter: bytes,
        decode: Callable[[bytes], list[Event]],
        complete: Callable[[bytes, Event], object],
    ) -> None:
        super().__init__(decode)
        self._next_piece = read
        self._delimiter = delimiter
        self._complete = complete
        threading.Thread(target=self._read, name="logpipe.stdin", daemon=True).start()

    def _read(self) -> None:
        for line in lines(self._next_piece, self._delimiter):
            self.put(Line.of(line, partial(self._complete, line)))
