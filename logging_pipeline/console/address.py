"""The parameters of an address, encoded. A page has hundreds of links that share most of their parameters."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote_plus

__all__ = ["encoded"]


def encoded(pairs: Iterable[tuple[str, str]]) -> str:
    """
    ``name=value&…``, as `urllib.parse.urlencode` makes it, in a fifth of its time where values repeat.

    An event may hold half of a surrogate pair, which no address can carry: it becomes a question mark, and finds
    nothing.
    """
    return "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in pairs])


@lru_cache(maxsize=1_024)  # more than one page's; a value has at most a few thousand characters
def _quoted(text: str) -> str:
    return quote_plus(text, errors="replace")
