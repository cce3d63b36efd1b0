"""Joda's date patterns, cut into letters and literal text."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Token", "is_numeric", "tokens"]

_LETTERS = frozenset("GCYxweEyDMdaKhHkmsSzZ")
_NUMERIC = frozenset("CxyYdhHmsSeDwkK")


class Token(NamedTuple):
    """*letter* repeated *times* times, or literal *text* (letter is empty then)."""

    letter: str
    times: int
    text: str


def tokens(pattern: str) -> list[Token]:
    """
    Cut *pattern*; quotes make text literal, two of them are one quote.

    Raises:
        ValueError: it is empty, or has a letter that means nothing.
    """
    if not pattern:
        raise ValueError("a date pattern is empty")
    found: list[Token] = []
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char.isascii() and char.isalpha():
            end = position
            while end < len(pattern) and pattern[end] == char:
                end += 1
            if char not in _LETTERS:
                raise ValueError(f"the date pattern {pattern!r} has the letter {char!r}, which means nothing")
            found.append(Token(char, end - position, ""))
            position = end
        else:
            text, position = _literal(pattern, position)
            found.append(Token("", 0, text))
    return found


def _literal(pattern: str, position: int) -> tuple[str, int]:
    text: list[str] = []
    quoted = False
    while position < len(pattern):
        char = pattern[position]
        if char == "'":
            if pattern.startswith("''", position):
                text.append("'")
                position += 1
            else:
                quoted = not quoted
        elif not quoted and char.isascii() and char.isalpha():
            break
        else:
            text.append(char)
        position += 1
    return "".join(text), position


def is_numeric(token: Token) -> bool:
    """Whether *token* reads digits, so that a number before it must not take them."""
    return (token.letter != "" and token.letter in _NUMERIC) or (token.letter == "M" and token.times <= 2)
