"""The syntax tree of a query: frozen, comparable, and knowing where each leaf stood in the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal as OneOf

from logging_pipeline.errors import KqlError

__all__ = ["BLANKS", "And", "Is", "Literal", "Nested", "Node", "Not", "Or", "Pattern", "Place", "Range", "fields"]

BLANKS = " \t\r\n\u00a0"  # what the language takes for white space
Operator = OneOf[">", ">=", "<", "<="]


@dataclass(frozen=True, slots=True)
class Place:
    """Character *offset* (from 0) of the query *text*."""

    text: str = ""
    offset: int = 0

    def error(self, problem: str, expected: tuple[str, ...] = ()) -> KqlError:
        """An error that points here."""
        return KqlError(problem, text=self.text, offset=self.offset, expected=expected)


_NOWHERE = Place()


def _place() -> Place:
    """Where it stood; trees are equal when they mean the same, wherever it stood."""
    return field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Literal:
    """A text; *quoted* texts are phrases. One that is not quoted neither is empty nor has blanks at its ends."""

    text: str
    quoted: bool = False
    place: Place = _place()

    def __post_init__(self) -> None:
        if not self.quoted and (not self.text or self.text != self.text.strip(BLANKS)):
            raise ValueError(f"{self.text!r}: only a quoted text can be empty or begin or end with a blank")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text with wildcards, as the *parts* around them: ``a*b`` is ``("a", "b")``, ``*`` is ``("", "")``."""

    parts: tuple[str, ...]
    place: Place = _place()

    def __post_init__(self) -> None:
        first, last = self.parts[0], self.parts[-1]
        if len(self.parts) < 2 or not all(self.parts[1:-1]):
            raise ValueError(f"{self.parts!r}: a pattern has two parts or more, those in the middle are not empty")
        if first != first.lstrip(BLANKS) or last != last.rstrip(BLANKS):
            raise ValueError(f"{self.parts!r}: a pattern neither begins nor ends with a blank")

    @property
    def matches_all(self) -> bool:
        """Whether it is ``*`` alone."""
        return self.parts == ("", "")


@dataclass(frozen=True, slots=True)
class Is:
    """``field: value``; without *field* any field may have the value."""

    field: Literal | Pattern | None
    value: Literal | Pattern


@dataclass(frozen=True, slots=True)
class Range:
    """``field >= value``."""

    field: Literal | Pattern
    operator: Operator
    value: Literal


@dataclass(frozen=True, slots=True)
class Not:
    """``not node``."""

    node: Node


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more."""

    nodes: tuple[Node, ...]

    def __post_init__(self) -> None:
        _two_or_more(self.nodes)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of two or more."""

    nodes: tuple[Node, ...]

    def __post_init__(self) -> None:
        _two_or_more(self.nodes)


@dataclass(frozen=True, slots=True)
class Nested:
    """``path: { node }``: the fields inside lie below *path*."""

    path: Literal
    node: Node


Node = Is | Range | Not | And | Or | Nested


def fields(node: Node) -> tuple[str, ...]:
    """The names of the fields that *node* asks for, sorted; a pattern as it is written, e.g. ``http.*``."""
    return tuple(sorted(set(_names(node, ""))))


def _names(node: Node, path: str) -> Iterator[str]:
    match node:
        case Is(field=name) | Range(field=name):
            if name is not None:
                yield path + ("*".join(name.parts) if isinstance(name, Pattern) else name.text)
        case Not(node=inner):
            yield from _names(inner, path)
        case Nested(path=below, node=inner):
            yield from _names(inner, f"{path}{below.text}.")
        case And(nodes=nodes) | Or(nodes=nodes):
            for inner in nodes:
                yield from _names(inner, path)


def _two_or_more(nodes: tuple[Node, ...]) -> None:
    if len(nodes) < 2:
        raise ValueError("`and` and `or` join two or more")
