"""The tree of a regular expression."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Alternation", "Assertion", "Characters", "Group", "Node", "Reference", "Repeat", "Sequence", "Tree"]


@dataclass(slots=True)
class Characters:
    """One character out of a set; *source* is the set in Python's syntax."""

    source: str
    needs_regex: bool = False


@dataclass(slots=True)
class Assertion:
    """Something of no width: an anchor, or a look around *body*."""

    source: str
    body: Node | None = None
    needs_regex: bool = False


@dataclass(slots=True)
class Reference:
    """A back-reference to a group (or to one of several of the same name), or a call of it."""

    groups: tuple[int, ...]
    call: bool = False


@dataclass(slots=True)
class Sequence:
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Alternation:
    branches: list[Node]


@dataclass(slots=True)
class Repeat:
    """*body*, *least* to *most* times (None: without end)."""

    body: Node
    least: int
    most: int | None
    mode: Literal["", "?", "+"] = ""


@dataclass(slots=True)
class Group:
    """A group: *number* if it captures, *prefix* is what follows its opening parenthesis otherwise."""

    body: Node
    number: int | None = None
    prefix: str = "?:"


Node = Characters | Assertion | Reference | Sequence | Alternation | Repeat | Group


@dataclass(slots=True)
class Tree:
    """*names* has the name of every capturing group, None for those without."""

    root: Node
    names: list[str | None]
