"""The tree of a regular expression."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["Alternation", "Assertion", "Characters", "Group", "Node", "Reference", "Repeat", "Sequence", "Tree"]


class Characters(NamedTuple):
    """One character out of a set; *source* is the set in Python's syntax."""

    source: str
    needs_regex: bool = False


class Assertion(NamedTuple):
    """Something of no width: an anchor, or a look around *body*."""

    source: str
    body: Node | None = None
    needs_regex: bool = False


class Reference(NamedTuple):
    """A back-reference to a group (or to one of several of the same name), or a call of it."""

    groups: tuple[int, ...]
    call: bool = False


class Sequence(NamedTuple):
    items: list[Node]


class Alternation(NamedTuple):
    branches: list[Node]


class Repeat(NamedTuple):
    """*body*, *least* to *most* times (None: without end)."""

    body: Node
    least: int
    most: int | None
    mode: Literal["", "?", "+"] = ""


class Group(NamedTuple):
    """A group: *number* if it captures, *prefix* is what follows its opening parenthesis otherwise."""

    body: Node
    number: int | None = None
    prefix: str = "?:"


Node = Characters | Assertion | Reference | Sequence | Alternation | Repeat | Group


class Tree(NamedTuple):
    """*names* has the name of every capturing group, None for those without."""

    root: Node
    names: list[str | None]
