"""Character sets: ``[a-z]``, nested ``[a[bc]]``, intersections ``[a-z&&[^x]]``, POSIX brackets ``[[:alpha:]]``."""

from __future__ import annotations

import re

from logging_pipeline.logstash_engine.regexes.charsets import CLASSES, POSIX, escape
from logging_pipeline.logstash_engine.regexes.escapes import read_char, read_property
from logging_pipeline.logstash_engine.regexes.source import RegexError, Source

__all__ = ["read_set"]

_POSIX = re.compile(r"\[:(\^?)([a-z]+):\]")


def read_set(source: Source) -> tuple[str, bool]:
    """
    The set that follows an opening bracket, in Python's syntax, and whether only the ``regex`` engine can read it.

    Raises:
        RegexError: it is empty or never closed.
    """
    reader = _Reader(source)
    return reader.read(), reader.needs_regex


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.needs_regex = False

    def read(self) -> str:
        source = self.source
        opening = "[^" if source.accept("^") else "["
        items: list[str] = []
        if source.accept("]"):
            if "]" not in source.text[source.position :]:
                raise RegexError(f"empty char-class: /{source.text}/")
            items.append(r"\]")
        parts: list[str] = []
        while not source.accept("]"):
            if source.at_end():
                raise RegexError(f"premature end of char-class: /{source.text}/")
            if source.accept("&&"):
                parts.append("".join(items))
                items = []
                self.needs_regex = True
            else:
                items.append(self._item())
        if parts:
            parts.append("".join(items))
            return opening + "&&".join(f"[{part}]" for part in parts) + "]"
        return opening + "".join(items) + "]"

    def _item(self) -> str:
        """A character, a range, a class or a nested set."""
        source = self.source
        posix = source.match(_POSIX)
        if posix is not None:
            return self._posix(posix)
        if source.accept("["):
            nested = self.read()
            self.needs_regex = True
            return nested
        first = self._member()
        if len(first) != 1:
            return first[1:]
        if source.at_end() or source.peek() != "-" or source.text.startswith("-]", source.position):
            return escape(first)
        before = source.position
        source.take()
        if source.at_end() or source.peek() == "[" or source.text.startswith("&&", source.position):
            source.position = before
            return escape(first)
        last = self._member()
        if len(last) != 1:  # a class cannot end a range: the dash is itself
            return escape(first) + r"\-" + last[1:]
        if last < first:
            raise RegexError(f"empty range in char class: /{source.text}/")
        return f"{escape(first)}-{escape(last)}"

    def _member(self) -> str:
        """One character, or ``\\0`` and the inside of a set for a class."""
        source = self.source
        char = source.take()
        if char != "\\":
            return char
        following = source.peek()
        if following in CLASSES:
            source.take()
            return "\0" + CLASSES[following]
        if following in "pP":
            self.needs_regex = True
            return "\0" + read_property(source)
        if following == "b":
            source.take()
            return "\b"
        return read_char(source)

    def _posix(self, match: re.Match[str]) -> str:
        inside = POSIX.get(match[2])
        if inside is None:
            raise RegexError(f"invalid POSIX bracket type: /{self.source.text}/")
        self.needs_regex = self.needs_regex or "\\p" in inside or bool(match[1])
        return f"[^{inside}]" if match[1] else inside
