"""
Remembers what was found for a text: fields like a user agent, a path or a state hold the same few texts again and
again, and to know one costs a tenth of most searches.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

__all__ = ["remembering"]

_LONGEST = 256  # characters; longer texts seldom come twice
_MOST_TEXTS = 1024

_Found = TypeVar("_Found")


def remembering(find: Callable[[str], _Found]) -> Callable[[str], _Found]:
    """A function that gives what *find* gives, and asks it once for each of the short texts that came lately."""
    known = lru_cache(maxsize=_MOST_TEXTS)(find)
    return lambda text: known(text) if len(text) <= _LONGEST else find(text)
