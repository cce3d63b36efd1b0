"""Reads a configuration character by character: where we are, what comes next, what was expected instead."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NoReturn

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine.language.syntax import Place

__all__ = ["Scanner"]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\r\n]*(?:\r?\n|\Z))*")
_NEARBY = 40  # characters of the text shown in an error


class Scanner:
    """A position in *text*; moves forward only where the grammar says so."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.position = 0
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(self, position: int | None = None) -> Place:
        """Line and column of *position*, of here if not given."""
        at = self.position if position is None else position
        line = bisect_right(self._line_starts, at)
        return Place(self.file, line, at - self._line_starts[line - 1] + 1)

    def skip_blank(self) -> bool:
        """Move over whitespace and comments; True if there was any."""
        match = _BLANK.match(self.text, self.position)
        moved = match is not None and match.end() > self.position
        self.position = match.end() if match else self.position
        return moved

    def looking_at(self, literal: str) -> bool:
        return self.text.startswith(literal, self.position)

    def accept(self, literal: str) -> bool:
        """Move over *literal* if it comes next."""
        if self.text.startswith(literal, self.position):
            self.position += len(literal)
            return True
        return False

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Move over *pattern* if it comes next."""
        match = pattern.match(self.text, self.position)
        if match is not None:
            self.position = match.end()
        return match

    def expect(self, literal: str, after: str) -> None:
        """Move over *literal*, or refuse the configuration."""
        if not self.accept(literal):
            self.fail(f"expected {literal!r} {after}")

    def at_end(self) -> bool:
        return self.position >= len(self.text)

    def fail(self, problem: str, position: int | None = None) -> NoReturn:
        """
        Refuse the configuration at *position*, showing what stands there.

        Raises:
            LogstashConfigError: always.
        """
        at = self.position if position is None else position
        found = self.text[at : at + _NEARBY].split("\n", 1)[0].rstrip()
        place = self.place(at)
        raise LogstashConfigError(
            f"{problem}, found {found!r}"
            if found
            else f"{problem}, found the end of the {'line' if at < len(self.text) else 'file'}",
            file=place.file,
            line=place.line,
            column=place.column,
        )
