"""An exception with a traceback as long as those of real programs."""

from __future__ import annotations

__all__ = ["fault"]


def fault() -> BaseException:
    """A `ValueError` that came up through a dozen calls."""
    try:
        return _deeper(12)
    except ValueError as error:
        return error


def _deeper(levels: int) -> BaseException:
    if levels:
        return _deeper(levels - 1)
    raise ValueError("the provider answered with something else")
