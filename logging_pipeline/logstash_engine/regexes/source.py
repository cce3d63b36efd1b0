"""The text of a regular expression, read from left to right."""

from __future__ import annotations

import re

__all__ = ["RegexError", "Source"]


class RegexError(ValueError):
    """A text is not a regular expression."""


class Source:
    """A position in *text*."""

    __slots__ = ("position", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def at_end(self) -> bool:
        return self.position >= len(self.text)

    def peek(self) -> str:
        """The next character, which stays."""
        if self.position >= len(self.text):
            raise RegexError(f"the pattern ends too early: /{self.text}/")
        return self.text[self.position]

    def take(self) -> str:
        char = self.peek()
        self.position += 1
        return char

    def accept(self, literal: str) -> bool:
        if self.text.startswith(literal, self.position):
            self.position += len(literal)
            return True
        return False

    def match(self, pattern: re.Pattern[str], skip: int = 0) -> re.Match[str] | None:
        """Move over *pattern* if it stands *skip* characters ahead."""
        match = pattern.match(self.text, self.position + skip)
        if match is not None:
            self.position = match.end()
        return match
