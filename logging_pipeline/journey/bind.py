"""
Stage 1 of 12: join request, user, trace and task context.

One context variable holds one mapping of field name to value; it is never changed in place, so an event keeps a
reference to the mapping that was bound when it was logged and copies nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from types import MappingProxyType
from typing import Any

__all__ = ["LATE", "bind", "bound", "release", "scope"]

Context = Mapping[str, Any]

LATE = "late"
"""Key of a callable, asked at every log call for what may have become known since (the user, the route)."""

_NOTHING: Context = MappingProxyType({})
_context: ContextVar[Context] = ContextVar("logging_pipeline_context", default=_NOTHING)


def bound() -> Context:
    """The context of the running code, by field name (``trace.id``, ``http.request.id``, …)."""
    context = _context.get()
    late: Callable[[], Context] | None = context.get(LATE)
    if late is None:
        return context
    joined = {**context, **late()}
    del joined[LATE]
    return joined


def bind(fields: Context) -> Token[Context]:
    """Add *fields* to the context of the running code; `release` takes the token back."""
    return _context.set({**_context.get(), **fields})


def release(token: Token[Context]) -> None:
    """Put the context back as it was before `bind`."""
    _context.reset(token)


@contextmanager
def scope(fields: Context, *, fresh: bool = False) -> Iterator[None]:
    """*fields* are bound inside the block; with *fresh* nothing else is."""
    token = _context.set(dict(fields)) if fresh else bind(fields)
    try:
        yield
    finally:
        release(token)
