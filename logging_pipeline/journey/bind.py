"""
Stage 1 of 12: join request, user, trace and task context.

One context variable holds what is bound; a mapping of field name to value is never changed in place, so an event keeps
a reference to the one it was logged in and copies nothing. Events of one request share one mapping: what is made of it
later is made once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Any

__all__ = ["LATE", "bind", "bound", "release", "scope"]

Context = Mapping[str, Any]

LATE = "late"
"""Key of a callable, asked at every log call for what may have become known since (the user, the route)."""


def bound() -> Context:
    """The context of the running code, by field name (``trace.id``, ``http.request.id``, …)."""
    now = _bound.get()
    return now.fields if now.late is None else now.joined(now.late())


def bind(fields: Context) -> Token[_Bound]:
    """Add *fields* to the context of the running code; `release` takes the token back."""
    now = _bound.get()
    return _bound.set(_Bound({LATE: now.late, **now.fields, **fields}))


def release(token: Token[_Bound]) -> None:
    """Put the context back as it was before `bind`."""
    _bound.reset(token)


@contextmanager
def scope(fields: Context, *, fresh: bool = False) -> Iterator[None]:
    """*fields* are bound inside the block; with *fresh* nothing else is."""
    token = _bound.set(_Bound(fields)) if fresh else bind(fields)
    try:
        yield
    finally:
        release(token)


class _Bound:
    """What is bound, and the last answer of the callable that is asked late, joined to it."""

    __slots__ = ("_answer", "fields", "late")

    def __init__(self, fields: Context) -> None:
        self.late: Callable[[], Context] | None = fields.get(LATE)
        self.fields: Context = {name: value for name, value in fields.items() if name != LATE}
        self._answer: tuple[Context, Context] = {}, self.fields  # one attribute: threads may share a request's context

    def joined(self, known: Context) -> Context:
        """`fields` and *known*; the same object as long as that stays the same."""
        before, joined = self._answer
        if known != before:
            joined = {**self.fields, **known}
            self._answer = dict(known), joined
        return joined


_NOTHING = _Bound({})
_bound: ContextVar[_Bound] = ContextVar("logging_pipeline_context", default=_NOTHING)
