"""One line of comma-separated values, with Ruby's strictness about quotes."""

from __future__ import annotations

__all__ = ["CsvError", "split_line"]


class CsvError(ValueError):
    """A quote stands where none may, or is never closed."""


def split_line(text: str, separator: str, quote: str) -> list[str | None] | None:
    """
    The values of the first line of *text*: null for an empty one, "" for an empty one in quotes; no values where the
    line is empty, None where there is no line.

    Args:
        separator: one character or more.
        quote: one character, or empty for none.

    Raises:
        CsvError: the quotes are wrong.
    """
    if not text:
        return None
    if text[0] in "\r\n":
        return []
    values: list[str | None] = []
    position = 0
    while True:
        if quote and text.startswith(quote, position):
            value, position = _quoted(text, position + 1, quote)
            values.append(value)
        else:
            end = _end(text, position, separator)
            plain = text[position:end]
            if quote and quote in plain:
                raise CsvError("a quote stands within a value that has none around it")
            values.append(plain or None)
            position = end
        if not text.startswith(separator, position):
            if position < len(text) and text[position] not in "\r\n":
                raise CsvError("text stands behind a closing quote")
            return values
        position += len(separator)


def _quoted(text: str, position: int, quote: str) -> tuple[str, int]:
    """The value in quotes that begins at *position*, and where it ends; two quotes are one."""
    parts: list[str] = []
    while True:
        end = text.find(quote, position)
        if end < 0:
            raise CsvError("a quote is never closed")
        parts.append(text[position:end])
        position = end + 1
        if not text.startswith(quote, position):
            return quote.join(parts), position
        position += 1


def _end(text: str, position: int, separator: str) -> int:
    """Where a value without quotes ends: before the separator or the end of the line."""
    ends = [found for mark in (separator, "\n", "\r") if (found := text.find(mark, position)) >= 0]
    return min(ends, default=len(text))
