"""A stream of bytes as lines, which end with a delimiter of any length."""

from __future__ import annotations

from collections.abc import Callable, Iterator

__all__ = ["CHUNK", "lines"]

CHUNK = 64 * 1024
MAX_LINE_BYTES = 16 * 1024 * 1024


def lines(read: Callable[[], bytes], delimiter: bytes) -> Iterator[bytes]:
    """
    The lines that *read* gives piece by piece, each with its delimiter; at the end what has none.

    A line that is longer than 16 MB comes in pieces.
    """
    rest = b""
    while chunk := read():
        *whole, rest = (rest + chunk).split(delimiter)
        for line in whole:
            yield line + delimiter
        if len(rest) >= MAX_LINE_BYTES:
            yield rest
            rest = b""
    if rest:
        yield rest
