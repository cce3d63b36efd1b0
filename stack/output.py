"""What the person at the terminal sees: one line an occurrence, in the colour of its program."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from typing import TextIO

__all__ = ["Output"]

COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)  # of ANSI terminals, readable on dark and light
NAME_WIDTH = 14


class Output:
    """Prints to *stream*; in colour where that is a terminal and NO_COLOR is not set."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._colours: dict[str, int] = {}
        self._in_colour = stream.isatty() and not os.environ.get("NO_COLOR")
        self._lock = threading.Lock()

    def line(self, name: str, text: str) -> None:
        """*text*, of one or more lines, about the program *name*."""
        head = f"{time.strftime('%H:%M:%S')} {name:<{NAME_WIDTH}}"
        with self._lock:
            if self._in_colour:
                colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
                head = f"\x1b[{colour}m{head}\x1b[0m"
            for line in text.splitlines() or [""]:
                self._print(f"{head} {_printable(line)}")

    def block(self, text: str) -> None:
        """*text* as it is."""
        with self._lock:
            self._print(text)

    def _print(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal is gone; what runs has to be stopped all the same
            print(text, file=self._stream, flush=True)


def _printable(line: str) -> str:
    """Without control characters: what a program prints may come from a stranger's request."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line.replace("\t", "    "))
