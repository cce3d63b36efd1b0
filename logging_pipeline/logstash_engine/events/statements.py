"""
Statements about ``event``: Python for what is done with one field, as a person would write it by hand.

They stand one after the other in one generated function, so that an operation costs no call. For
``replace => { "[http][status]" => "ok" }`` they are::

    v1 = event.get('http', MISSING)
    if v1.__class__ is dict:
        v1['status'] = 'ok'
    elif v1 is MISSING:
        event['http'] = {'status': 'ok'}
    else:
        slow_7(event, 'ok')

*slow* deals with lists, null and scalars on the way, which are rare. What has no statements is called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, NamedTuple

from logging_pipeline.logstash_engine.events.access import Expression
from logging_pipeline.logstash_engine.events.fields import MISSING, Event, Path, is_guarded, remover, write_path

__all__ = ["Statements", "Step", "add", "attempt", "change", "descend", "move", "remove", "sequence", "write"]


class Statements(NamedTuple):
    """Lines, and what the names in them stand for; no two Statements give a name to different things."""

    lines: list[str]
    names: dict[str, Any]


Step = Callable[[Event], object] | Statements
_Extend = Callable[[Event, Any], None]
_numbers = count(1)
_INDENT = "    "


def sequence(steps: Sequence[Step]) -> Callable[[Event], None]:
    """A function that takes *steps* with an event, one after the other."""
    lines, names = _joined(steps)
    run: Callable[[Event], None] = _defined([*lines, "return"], names)
    return run


def attempt(
    steps: Sequence[Step], failures: tuple[type[Exception], ...], failed: Callable[[Event], bool | None]
) -> Callable[[Event], bool | None]:
    """The same, but a function that gives False, or what *failed* says where a step raises one of *failures*."""
    lines, names = _joined(steps)
    lines = ["try:", *_indented([*lines, "return False"]), "except failures:", "    return failed(event)"]
    run: Callable[[Event], bool | None] = _defined(lines, {**names, "failures": failures, "failed": failed})
    return run


def write(path: Path, value: Expression) -> Statements:
    """Write *value* to *path*, whatever is there; raises what a setter does."""
    lines, shown = _evaluated(value)
    put = _put(path, shown)
    return Statements([*lines, *put.lines], {**value.names, **put.names})


def add(path: Path, value: Expression, extend: _Extend) -> Statements:
    """Write *value* to *path* if nothing is there; *extend* adds it to what is there."""
    lines, shown = _evaluated(value)
    slow, last = _name("extend"), path[-1]

    def found(holder: str) -> list[str]:
        write_line = f"    {holder}[{last!r}] = {shown}"
        return [f"if {last!r} not in {holder}:", write_line, "else:", f"    {slow}(event, {shown})"]

    return Statements([*lines, *descend(path, found, f"{slow}(event, {shown})", shown)], {**value.names, slow: extend})


def change(path: Path, make: Callable[[str], Any], otherwise: Callable[[Event], None]) -> Step:
    """Put what *make* makes of the text at *path* in its place; *otherwise* sees to anything but text."""
    if is_guarded(path):
        return otherwise
    maker, slow, last = _name("change"), _name("slow"), path[-1]

    def found(holder: str) -> list[str]:
        lines = [f"value = {holder}.get({last!r})", "if value.__class__ is str:"]
        lines.append(f"    {holder}[{last!r}] = {maker}(value)")
        return [*lines, "elif value is not None:", f"    {slow}(event)"]

    return Statements(descend(path, found, f"{slow}(event)"), {maker: make, slow: otherwise})


def move(path: Path, target: Path, slow: Callable[[Event], None]) -> Step:
    """Take *path* out of the event, then write its value to *target*; *slow* does it where lists are on the way."""
    name, put = _name("slow"), _put(target, "value")

    def found(holder: str) -> list[str]:
        return [f"if {path[-1]!r} in {holder}:", f"    value = {holder}.pop({path[-1]!r})", *_indented(put.lines)]

    return Statements(descend(path, found, f"{name}(event)"), {**put.names, name: slow})


def remove(path: Path) -> Step:
    """Take *path* out of the event."""
    slow = remover(path)
    if path == ("@metadata",):
        return slow  # as a whole it is emptied
    name = _name("remove")
    return Statements(
        descend(path, lambda holder: [f"{holder}.pop({path[-1]!r}, None)"], f"{name}(event)"), {name: slow}
    )


def descend(path: Path, found: Callable[[str], list[str]], otherwise: str, value: str | None = None) -> list[str]:
    """
    Lines that go down to the hash that holds *path*, for which they do what *found* says. Where nothing is on the way
    they put hashes around *value* there, if it is given; *otherwise* is for anything else.
    """
    holders = ["event", *(f"v{depth}" for depth in range(1, len(path)))]
    lines = found(holders[-1])
    for depth in range(len(path) - 1, 0, -1):
        parent, child, key = holders[depth - 1], holders[depth], path[depth - 1]
        lines = [
            f"{child} = {parent}.get({key!r}, MISSING)",
            f"if {child}.__class__ is dict:",
            *_indented(lines),
            f"elif {child} is MISSING:",
            f"    {parent}[{key!r}] = {_nested(path[depth:], value)}" if value else "    pass",
            "else:",
            f"    {otherwise}",
        ]
    return lines


def _put(path: Path, value: str) -> Statements:
    slow = _name("write")
    names = {slow: lambda event, value: write_path(event, path, value)}
    if is_guarded(path):
        return Statements([f"{slow}(event, {value})"], names)
    lines = descend(path, lambda holder: [f"{holder}[{path[-1]!r}] = {value}"], f"{slow}(event, {value})", value)
    return Statements(lines, names)


def _evaluated(value: Expression) -> tuple[list[str], str]:
    """Lines that find *value* out, and what stands for it from then on."""
    return ([f"value = {value.source}"], "value") if value.names else ([], value.source)


def _nested(path: Path, value: str) -> str:
    """The hashes for a *path* that is not there yet, around *value*."""
    for key in reversed(path):
        value = f"{{{key!r}: {value}}}"
    return value


def _joined(steps: Sequence[Step]) -> tuple[list[str], dict[str, Any]]:
    lines: list[str] = []
    names: dict[str, Any] = {"MISSING": MISSING}
    for step in steps:
        if not isinstance(step, Statements):
            name = _name("step")
            step = Statements([f"{name}(event)"], {name: step})
        lines += step.lines
        names.update(step.names)
    return lines, names


def _indented(lines: list[str]) -> list[str]:
    return [_INDENT + line for line in lines]


def _name(stem: str) -> str:
    return f"{stem}_{next(_numbers)}"


def _defined(lines: list[str], names: dict[str, Any]) -> Any:
    """The function of an event that has *lines* for its body."""
    source = "\n".join(["def run(event):", *_indented(lines)])
    exec(compile(source, "<statements>", "exec"), names)  # noqa: S102 - our own source; keys are in it as literals
    return names["run"]
