"""Escapes that stand for one character, and properties."""

from __future__ import annotations

import re

from logging_pipeline.logstash_engine.regexes.charsets import PROPERTIES
from logging_pipeline.logstash_engine.regexes.source import RegexError, Source

__all__ = ["read_char", "read_property"]

_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b"}
_HEX = re.compile(r"x\{([0-9A-Fa-f]{1,8})\}|x([0-9A-Fa-f]{1,2})|u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})")
_OCTAL = re.compile(r"[0-7]{1,3}")
_CONTROLLED = re.compile(r"(?:c|C-)(.)")
_PROPERTY = re.compile(r"([pP])\{(\^?)([^}]*)\}")
_SIMPLE = re.compile(r"[A-Za-z0-9_ =-]+")


def read_char(source: Source) -> str:
    """The character that an escape stands for; its backslash is taken already."""
    for pattern, base in ((_HEX, 16), (_OCTAL, 8)):
        match = source.match(pattern)
        if match is not None:
            digits = next(group for group in match.groups() if group) if match.groups() else match[0]
            try:
                return chr(int(digits, base))
            except ValueError:
                raise RegexError(f"invalid code point \\{match[0]}: /{source.text}/") from None
    match = source.match(_CONTROLLED)
    if match is not None:
        return chr(ord(match[1]) & 0x1F)
    char = source.take()
    return _CONTROL.get(char, char)


def read_property(source: Source) -> str:
    """The inside of a set for ``p{...}``; its backslash is taken already."""
    match = source.match(_PROPERTY)
    if match is None or not _SIMPLE.fullmatch(match[3]):
        raise RegexError(f"invalid character property name: /{source.text}/")
    negated = (match[1] == "P") != (match[2] == "^")
    known = PROPERTIES.get(match[3].lower())
    if known is None:
        return f"\\{'P' if negated else 'p'}{{{match[3]}}}"
    return f"[^{known}]" if negated else known
