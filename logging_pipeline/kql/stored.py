"""What the index would hold of an event in memory: the terms of a field, read as its type reads them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import orjson

from logging_pipeline.kql import values
from logging_pipeline.kql.conditions import Target
from logging_pipeline.kql.dates import MILLIS, NANOS, stored_ns
from logging_pipeline.kql.words import words

__all__ = ["KEYWORD_MAX_CHARS", "ordered_double", "terms"]

KEYWORD_MAX_CHARS = 1_024  # longer values are kept and not found, as the index templates say; UTF-16 units

Event = Mapping[str, Any]
Term = Any  # str, int, tuple of words, or what `ordered_double` makes: comparable with the bounds of a condition


def terms(target: Target) -> Callable[[Event], list[Term]]:
    """
    A reader of *target*'s values in an event: a nested dict, keys may be dotted, lists anywhere.

    A value that the index would refuse is left out: Elasticsearch does not store such an event at all.
    """
    read, leaves = _READ[target.type], _leaves(target)

    def found(event: Event) -> list[Term]:
        there = [leaf for leaf in leaves(event) if leaf is not None]
        return [term for term in map(read, there) if term is not None] if there else there

    return found


def ordered_double(number: float) -> tuple[float, float]:
    """A double in the order of the index, which puts -0.0 before 0.0."""
    return number, math.copysign(1.0, number)


def _leaves(target: Target) -> Callable[[Event], Iterable[Any]]:
    path, root = target.path, ".".join(target.path)
    if target.type == "flattened":
        return lambda event: (leaf for name, leaf in _below(event, root) if target.key in (None, name))
    if target.pattern:
        pattern = re.compile(".*".join(map(re.escape, target.name.split("*"))), re.DOTALL)
        return lambda event: (leaf for name, leaf in _below(event, root) if pattern.fullmatch(f"{root}.{name}"))
    steps = _steps(path)

    def at(event: Event) -> list[Any]:
        found: list[Any] = []
        _collect(event, steps, found)
        return found

    return at


Steps = tuple[tuple[str, Any], ...]


def _steps(path: tuple[str, ...]) -> Steps:
    """Keys and the steps after each: ``a.b`` is the key ``a`` and then ``b``, or the key ``a.b``. No steps: the end."""
    after: list[Steps] = [()]  # by how many parts of the path are left
    for left in range(1, len(path) + 1):
        rest = path[len(path) - left :]
        after.append(tuple((".".join(rest[:taken]), after[left - taken]) for taken in range(1, left + 1)))
    return after[-1]


def _collect(node: Any, steps: Steps, found: list[Any]) -> None:
    """The values at the end of *steps*: through every list, and through keys that hold dots themselves."""
    if isinstance(node, dict):
        for key, rest in steps:
            if key in node:
                _collect(node[key], rest, found)
    elif isinstance(node, list):
        for item in node:
            _collect(item, steps, found)
    elif not steps:
        found.append(node)


def _below(node: Any, root: str) -> Iterator[tuple[str, Any]]:
    """Every value below *root* with its dotted name from there; keys may hold dots, and parts of *root*."""
    if isinstance(node, list):
        for item in node:
            yield from _below(item, root)
    elif isinstance(node, dict):
        for key, inner in node.items():
            if key == root:
                yield from _flat(inner, "")
            elif key.startswith(f"{root}."):
                yield from _flat(inner, key[len(root) + 1 :])
            elif root.startswith(f"{key}."):
                yield from _below(inner, root[len(key) + 1 :])


def _flat(node: Any, name: str) -> Iterator[tuple[str, Any]]:
    waiting = [(name, node)]
    while waiting:
        name, node = waiting.pop()
        if isinstance(node, dict):
            waiting += ((f"{name}.{key}" if name else key, inner) for key, inner in node.items())
        elif isinstance(node, list):
            waiting += ((name, inner) for inner in node)
        elif name:
            yield name, node


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _keyword(value: Any) -> str | None:
    text = _text(value)
    chars = len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
    return text if chars <= KEYWORD_MAX_CHARS else None


def _words(value: Any) -> tuple[str, ...]:
    return words(_text(value))


def _long(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    try:
        first, last = values.longs(_text(value))
    except ValueError:
        return None
    number = first if last < 0 else last  # a fraction is cut off, towards zero
    return number if values.LONG[0] <= number <= values.LONG[1] else None


def _double(value: Any) -> tuple[float, float] | None:
    try:
        return None if isinstance(value, bool) else ordered_double(values.double(_text(value)))
    except ValueError:
        return None


def _boolean(value: Any) -> int | None:
    return _TRUTH.get(value) if isinstance(value, (bool, str)) else None


_TRUTH: dict[bool | str, int] = {True: 1, "true": 1, False: 0, "false": 0, "": 0}


def _nanos(value: Any) -> int | None:
    ns = None if isinstance(value, bool) else stored_ns(value)
    return ns if ns is not None and NANOS[0] <= ns <= NANOS[1] else None


def _millis(value: Any) -> int | None:
    ns = None if isinstance(value, bool) else stored_ns(value)
    return ns // 1_000_000 if ns is not None and MILLIS[0] <= ns // 1_000_000 <= MILLIS[1] else None


def _address(value: Any) -> int | None:
    try:
        return values.address(value) if isinstance(value, str) else None
    except ValueError:
        return None


_READ: dict[str, Callable[[Any], Term | None]] = {
    "keyword": _keyword,
    "flattened": _keyword,
    "text": _words,
    "long": _long,
    "double": _double,
    "boolean": _boolean,
    "date": _millis,
    "date_nanos": _nanos,
    "ip": _address,
}
