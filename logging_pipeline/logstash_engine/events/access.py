"""
Generates the functions that read and write fields, one for each path, as a person would write them by hand.

For ``[http][status]`` the setter is::

    def access(event, value):
        v1 = event.get('http', MISSING)
        if v1.__class__ is not dict:
            if v1 is MISSING:
                event['http'] = {'status': value}
                return
            return slow(event, value)
        v1['status'] = value

*slow* deals with lists, null and scalars on the way, which are rare.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

__all__ = [
    "Expression",
    "generate_getter",
    "generate_setter",
    "generate_writer",
    "reading",
]

_Event = dict[str, Any]
_Path = tuple[str, ...]
_INDENT = "    "
_HOLDERS = ("p", "q")  # variables for the hashes on the way to a field; deeper ones are rare


class Expression(NamedTuple):
    """Python for a value made of ``event``, and what the names in it stand for; a constant has none."""

    source: str
    names: dict[str, Any]


def reading(path: _Path, missing: str, otherwise: str) -> str:
    """
    The expression for what is at *path*: *missing* where nothing is there, *otherwise* where something but hashes is on
    the way. It assigns to variables, so that what is around it must be a function or a lambda.
    """
    if len(path) > len(_HOLDERS) + 1:
        return otherwise
    holders = _HOLDERS[: len(path) - 1]
    read = f"{['event', *holders][-1]}.get({path[-1]!r}, {missing})"
    for holder, parent, name in reversed(list(zip(holders, ("event", *holders), path, strict=False))):
        step = f"({holder} := {parent}.get({name!r})).__class__ is dict"
        way_out = missing if missing == otherwise else f"{missing} if {holder} is None else {otherwise}"
        read = f"({read} if {step} else {way_out})"
    return read


def generate_getter(path: _Path, default: Any, slow: Callable[[_Event], Any]) -> Callable[[_Event], Any]:
    """A function that reads *path*, or gives *default*."""
    lines = ["def access(event):"]
    for depth, key in enumerate(path[:-1], 1):
        lines.append(f"    v{depth} = {_parent(path[:depth])}.get({key!r})")
        lines.append(f"    if v{depth}.__class__ is not dict:")
        lines.append(f"        return default if v{depth} is None else slow(event)")
    lines.append(f"    return {_parent(path)}.get({path[-1]!r}, default)")
    getter: Callable[[_Event], Any] = _defined(lines, default=default, slow=slow)
    return getter


def generate_setter(path: _Path, missing: object, slow: Callable[[_Event, Any], None]) -> Callable[[_Event, Any], None]:
    """A function that writes *path*; *missing* is the value that stands for no field."""
    lines = ["def access(event, value):", *_descent(path)]
    lines.append(f"    {_parent(path)}[{path[-1]!r}] = value")
    setter: Callable[[_Event, Any], None] = _defined(lines, MISSING=missing, slow=slow)
    return setter


def generate_writer(
    paths: tuple[_Path, ...], missing: object, slow: Callable[[_Event, tuple[Any, ...]], None]
) -> Callable[[_Event, tuple[Any, ...]], None]:
    """
    A function that writes values to *paths*, in their order; *slow* does it where a path does not lead through hashes.
    """
    tree: dict[str, Any] = {}
    for number, path in enumerate(paths):
        holder = tree
        for key in path[:-1]:
            holder = holder.setdefault(key, {})
        holder[path[-1]] = f"value_{number}"
    unpacked = "".join(f"value_{number}, " for number in range(len(paths)))
    lines = [
        "def access(event, values):",
        f"    {unpacked}= values" if paths else "    pass",
        *_tree_lines(tree, "event", 1),
    ]
    writer: Callable[[_Event, tuple[Any, ...]], None] = _defined(lines, MISSING=missing, slow=slow)
    return writer


def _tree_lines(tree: dict[str, Any], parent: str, depth: int) -> list[str]:
    lines: list[str] = []
    for key, inner in tree.items():
        if isinstance(inner, str):
            lines.append(f"    {parent}[{key!r}] = {inner}")
            continue
        lines.append(f"    v{depth} = {parent}.get({key!r}, MISSING)")
        lines.append(f"    if v{depth} is MISSING:")
        lines.append(f"        {parent}[{key!r}] = {_display(inner)}")
        lines.append(f"    elif v{depth}.__class__ is not dict:")
        lines.append("        return slow(event, values)")
        lines.append("    else:")
        lines += [_INDENT + line for line in _tree_lines(inner, f"v{depth}", depth + 1)]
    return lines


def _display(tree: dict[str, Any]) -> str:
    """The hashes of *tree* as they are written in Python."""
    parts = [f"{key!r}: {inner if isinstance(inner, str) else _display(inner)}" for key, inner in tree.items()]
    return "{" + ", ".join(parts) + "}"


def _descent(path: _Path) -> list[str]:
    lines: list[str] = []
    parent = "event"
    for depth, key in enumerate(path[:-1], 1):
        lines.append(f"    v{depth} = {parent}.get({key!r}, MISSING)")
        lines.append(f"    if v{depth}.__class__ is not dict:")
        lines.append(f"        if v{depth} is MISSING:")
        lines.append(f"            {parent}[{key!r}] = {_nested(path[depth:])}")
        lines.append("            return")
        lines.append("        return slow(event, value)")
        parent = f"v{depth}"
    return lines


def _parent(path: _Path) -> str:
    return f"v{len(path) - 1}" if len(path) > 1 else "event"


def _nested(path: _Path) -> str:
    """The hashes for a *path* that is not there yet, around ``value``."""
    text = "value"
    for key in reversed(path):
        text = f"{{{key!r}: {text}}}"
    return text


def _defined(lines: list[str], **namespace: Any) -> Any:
    """The function that *lines* define."""
    exec(_code("\n".join(lines)), namespace)  # noqa: S102 - our own source; keys are in it as literals
    return namespace["access"]


@lru_cache(maxsize=1024)
def _code(source: str) -> Any:
    return compile(source, "<field access>", "exec")
