"""
Plain data: bounded copies of whatever code logs, taken while the caller still holds it.

Immutable scalars stay as they are, containers are copied within a budget, anything else becomes its type's name and a
bounded text there and then. Nothing here raises, follows a cycle or evaluates a lazy queryset.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from itertools import islice
from types import TracebackType
from typing import Any, NamedTuple
from uuid import UUID

from logging_pipeline.sensitive import cut

__all__ = ["REPRESENTED_BY", "Fault", "Opaque", "fault", "frozen", "frozen_fields"]

MAX_NODES = 1_024  # values of one event; a bigger one is cut here already, so that no caller pays for it
MAX_DEPTH = 12
MAX_TEXT_CHARS = 65_536  # well above any text_max_chars: masking must see what lies across the later cut
MAX_REPR_CHARS = 256
MAX_NOTE_CHARS = 1_000
MAX_FRAMES = 100
MAX_CHAIN = 8


class Opaque(NamedTuple):
    """An object that is not plain data: its type's name and a bounded text, both taken at the call."""

    type: str
    text: str

    def __str__(self) -> str:
        return f"{self.type}: {self.text}"


class Fault(NamedTuple):
    """An exception as plain data: what it was, and where each link of its chain passed."""

    type: str
    message: str
    frames: tuple[tuple[str, int, str], ...]  # file, line, function; outermost first
    cause: Fault | None = None
    how: str = ""  # "cause" or "context": how `cause` led to this one

    def __str__(self) -> str:
        return f"{self.type}: {self.message}"


_IMMUTABLE = frozenset({
    bool, int, float, complex, type(None), datetime, date, time, timedelta, Decimal, UUID, IPv4Address, IPv6Address,
    Opaque, Fault,
})  # fmt: skip

REPRESENTED_BY: dict[type, Callable[[Any], str]] = {}
"""How objects of a class and its subclasses are put into words, where `repr` would do work (a lazy queryset)."""


def frozen(value: Any) -> Any:
    """*value* as it is where it cannot change, else a bounded copy of plain data; never raises."""
    if type(value) is str and len(value) <= MAX_TEXT_CHARS:
        return value
    return _Copier().copy(value, 0)


OMITTED = "logpipe_values_omitted"
"""Key under which an event says how many of its values were too many to carry."""


def frozen_fields(fields: Mapping[Any, Any]) -> dict[Any, Any]:
    """The keyword arguments of one call, `frozen` within one budget; what was beyond it is counted in `OMITTED`."""
    copied = dict(fields)
    if len(copied) > MAX_NODES:
        return _frozen_one_by_one(fields)
    for key, value in copied.items():
        kind = type(value)
        plain = len(value) <= MAX_TEXT_CHARS if kind is str else kind in _IMMUTABLE
        if not plain or type(key) is not str:
            return _frozen_one_by_one(fields)
    return copied


def _frozen_one_by_one(fields: Mapping[Any, Any]) -> dict[Any, Any]:
    copied: dict[Any, Any] = {}
    copier = _Copier()
    for key, value in islice(fields.items(), MAX_NODES):
        name = key if type(key) is str and key not in copied else _key(key, copied)
        copied[name] = value if type(value) in _IMMUTABLE else copier.copy(value, 1)
    omitted = len(fields) - len(copied) + copier.omitted
    if omitted:
        copied[OMITTED] = omitted
    return copied


class _Copier:
    """Copies containers of one event within one budget."""

    def __init__(self) -> None:
        self.omitted = 0
        self._left = MAX_NODES
        self._above: set[int] = set()

    def copy(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind in _IMMUTABLE or (kind is str and len(value) <= MAX_TEXT_CHARS):
            return value
        try:
            if kind is dict or kind is list:
                return self._container(value, depth)
            if issubclass(kind, BaseException):
                return fault(value)
            if issubclass(kind, str):
                return cut(str.__getitem__(value, slice(0, MAX_TEXT_CHARS + 1)), MAX_TEXT_CHARS)
            if issubclass(kind, (bytes, bytearray, memoryview)):
                return cut(bytes(value[: MAX_TEXT_CHARS + 1]).decode("latin-1"), MAX_TEXT_CHARS).encode("latin-1")
            if issubclass(kind, int):
                return int.__index__(value)
            if issubclass(kind, float):
                return float.__float__(value)
            if issubclass(kind, (Mapping, list, tuple, set, frozenset, deque)):
                return self._container(value, depth)
        except Exception as error:  # noqa: BLE001  # a hostile object may raise anything; the event must not be lost
            return Opaque(_name(kind), f"<unreadable: {_name(type(error))}>")
        return _opaque(value)

    def _container(self, value: Any, depth: int) -> Any:
        if depth >= MAX_DEPTH or id(value) in self._above:
            return Opaque(_name(type(value)), "<cycle>" if id(value) in self._above else "<too deep>")
        self._above.add(id(value))
        try:
            kind = type(value)
            if kind is dict or (kind is not list and isinstance(value, Mapping)):
                copied: dict[str, Any] = {}
                for key, item in self._within(value.items(), len(value)):
                    name = key if type(key) is str and key not in copied else _key(key, copied)
                    copied[name] = item if type(item) in _IMMUTABLE else self.copy(item, depth + 1)
                return copied
            return [
                item if type(item) in _IMMUTABLE else self.copy(item, depth + 1)
                for item in self._within(value, len(value))
            ]
        finally:
            self._above.discard(id(value))

    def _within(self, items: Iterable[Any], length: int) -> list[Any]:
        # `list` of `islice` is one step: another thread that changes a shared container does not come between.
        chosen = list(islice(items, self._left))
        self._left -= len(chosen)
        self.omitted += max(length - len(chosen), 0)
        return chosen


def _key(key: Any, taken: Mapping[str, Any]) -> str:
    """A key as text that is not among those *taken*: ``1`` and ``"1"`` are two keys."""
    copy = frozen(key)
    try:
        text = copy.decode("utf-8", "backslashreplace") if type(copy) is bytes else str(copy)
    except Exception as error:  # noqa: BLE001  # an integer too long to print, a time zone of anybody's making
        text = f"<{_name(type(key))}: {_name(type(error))}>"
    text = cut(text, MAX_REPR_CHARS)
    while text in taken:
        text += "_"
    return text


def _name(kind: type) -> str:
    module = kind.__module__
    return kind.__qualname__ if module in ("builtins", "__main__") else f"{module}.{kind.__qualname__}"


def _opaque(value: Any) -> Opaque:
    kind = type(value)
    for ancestor in kind.__mro__:
        represent = REPRESENTED_BY.get(ancestor, repr if ancestor is object else None)
        if represent is not None:
            try:
                return Opaque(_name(kind), cut(represent(value), MAX_REPR_CHARS))
            except Exception as error:  # noqa: BLE001  # repr is anybody's code
                return Opaque(_name(kind), f"<repr raised {_name(type(error))}>")
    return Opaque(_name(kind), "")


def fault(error: BaseException, _depth: int = 0) -> Fault:
    """
    *error* and the chain behind it as plain data; reads no source files.

    Frames beyond the innermost 100 of one exception are left out, and links beyond the eighth.
    """
    try:
        message = cut(str(error), MAX_TEXT_CHARS)
    except Exception as unreadable:  # noqa: BLE001  # __str__ is anybody's code
        message = f"<str raised {_name(type(unreadable))}>"
    notes = getattr(error, "__notes__", None)
    if isinstance(notes, list):
        message = "\n".join([message, *(cut(str(n), MAX_NOTE_CHARS) for n in notes[:8] if isinstance(n, str))])
    cause, how = error.__cause__, "cause"
    if cause is None and not error.__suppress_context__:
        cause, how = error.__context__, "context"
    return Fault(
        _name(type(error)),
        message,
        _frames(error.__traceback__),
        fault(cause, _depth + 1) if cause is not None and _depth < MAX_CHAIN else None,
        how,
    )


def _frames(traceback: TracebackType | None) -> tuple[tuple[str, int, str], ...]:
    frames: deque[tuple[str, int, str]] = deque(maxlen=MAX_FRAMES)
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append((code.co_filename, traceback.tb_lineno, code.co_qualname))
        traceback = traceback.tb_next
    return tuple(frames)
