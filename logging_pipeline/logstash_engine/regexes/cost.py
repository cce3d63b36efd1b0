"""
How long a backtracking engine may take on a text, estimated from the tree and from what is in the text.

A loop is *decided* when the characters that continue it and those that may follow it differ: the engine never comes
back to it. An undecided loop may end wherever what follows it stands in the text (its *exits*), so it multiplies the
ways through the pattern by their number; an undecided loop within a loop makes them exponential. A loop that comes
after a character which the text does not have is never reached, and one with nothing but literal text behind it ends
the search.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from logging_pipeline.logstash_engine.regexes.beginnings import characters, first, is_ambiguous, literal, nullable
from logging_pipeline.logstash_engine.regexes.tree import (
    Alternation,
    Assertion,
    Group,
    Node,
    Reference,
    Repeat,
    Sequence,
)

__all__ = ["Cost", "ExponentialError", "start"]

_MANY = 16  # a loop with this limit or more counts as one without end
_COMMON = " \"'.,:;-_/()[]="  # nearly every text has these, so that it says nothing that a loop comes after them
_LITERAL = 8  # so much of the literal text behind a loop is looked for


class ExponentialError(Exception):
    """No text is short enough for this pattern."""


class _Follow(NamedTuple):
    """What comes after a node: its first characters (a set of bits), its literal beginning, and whether that is all."""

    first: int
    literal: str
    final: bool


class _Loop(NamedTuple):
    """
    An undecided loop: it may end before *exit* (a text), or before any of *exit_characters*, or anywhere if both are
    empty.

    *needs* are characters that the text must have for the loop to be reached.
    """

    needs: frozenset[str]
    exit: str
    exit_characters: str


class Cost:
    """
    The cost of a pattern.

    Raises:
        ExponentialError: the pattern may take any number of steps, on a text of any length.
    """

    def __init__(self, root: Node) -> None:
        self._ignores_case = _ignores_case(root)
        self._start = start(root)
        self._loops = self._of(root, _Follow(0, "", final=True), frozenset())

    def at_worst(self, length: int) -> int:
        """The most steps that any text of *length* may take."""
        worst: int = length * (1 if self._start == r"\A" else length) * (length + 1) ** len(self._loops)
        return worst

    def counter(self) -> Callable[[str], int]:
        """
        A function that gives the most steps that a text may take: from every place where a match may begin, through
        every character. It is generated, because it runs for every text: a comparison and a product for each loop.
        """
        starts = {"": "length", "^": "(count('\\n') + 1)"}.get(self._start, "1")
        lines = ["def steps(text):", "    count, length = text.count, len(text)", f"    total = length * {starts}"]
        for loop, power in Counter(self._loops).items():
            factor = f"({_exits(loop)} + 1)" + (f" ** {power}" if power > 1 else "")
            reached = " and ".join(f"{character!r} in text" for character in sorted(loop.needs))
            lines.append(f"    if {reached}:" if reached else "    if True:")
            lines.append(f"        total *= {factor}")
        lines.append("    return total")
        namespace: dict[str, Any] = {}
        exec("\n".join(lines).replace("    if True:\n        total", "    total"), namespace)  # noqa: S102 - our own source
        steps: Callable[[str], int] = namespace["steps"]
        return steps

    def _of(self, node: Node, follow: _Follow, needs: frozenset[str]) -> list[_Loop]:
        """The undecided loops in *node*, which *follow* comes after and which is reached past all of *needs*."""
        if isinstance(node, Sequence):
            return self._of_sequence(node, follow, needs)
        if isinstance(node, Alternation):
            return max((self._of(branch, follow, needs) for branch in node.branches), key=len)
        if isinstance(node, Group):
            return self._of(node.body, _NOTHING if node.prefix == "?>" else follow, needs)
        if isinstance(node, Repeat):
            return self._of_repeat(node, follow, needs)
        if isinstance(node, Reference):
            if node.call:
                raise ExponentialError
            return [_Loop(needs, "", "")]
        if isinstance(node, Assertion) and node.body is not None:
            return self._of(node.body, _NOTHING, needs)
        return []

    def _of_sequence(self, node: Sequence, follow: _Follow, needs: frozenset[str]) -> list[_Loop]:
        follows: list[_Follow] = []
        for item in reversed(node.items):
            follows.append(follow)
            follow = self._before(item, follow)
        loops: list[_Loop] = []
        for item, after in zip(node.items, reversed(follows), strict=True):
            loops += self._of(item, after, needs)
            char = literal(item)
            if char and char not in _COMMON and not self._ignores_case:
                needs |= {char}
        return loops

    def _before(self, item: Node, follow: _Follow) -> _Follow:
        """What comes after a node that *item* stands behind."""
        char = literal(item)
        if char and not self._ignores_case:
            return _Follow(first(item), (char + follow.literal)[:_LITERAL], follow.final)
        if isinstance(item, Group) and isinstance(item.body, Sequence):
            for inner in reversed(item.body.items):
                follow = self._before(inner, follow)
            return follow
        return _Follow(first(item) | (follow.first if nullable(item) else 0), "", final=False)

    def _of_repeat(self, node: Repeat, follow: _Follow, needs: frozenset[str]) -> list[_Loop]:
        begins = first(node.body)
        again = _Follow(begins | follow.first, "", final=False)
        if node.most is not None and node.most < _MANY:
            if node.most <= 1:
                return self._of(node.body, follow, needs)
            return self._of(node.body, again, needs) * node.most
        if self._of(node.body, again, needs) or nullable(node.body) or is_ambiguous(node.body):
            raise ExponentialError
        common = begins & follow.first
        if node.mode == "+" or not common or (follow.final and follow.literal):
            return []
        return [_Loop(needs, follow.literal, "" if follow.literal else characters(common))]


def start(node: Node) -> str:
    """The anchor that *node* begins with, empty if it may begin anywhere."""
    if isinstance(node, Sequence) and node.items:
        return start(node.items[0])
    if isinstance(node, Group):
        return start(node.body)
    return node.source[:2].strip("(") if isinstance(node, Assertion) and node.source[:2] in (r"\A", "^", "^(") else ""


def _exits(loop: _Loop) -> str:
    """The expression for the number of places where *loop* may end."""
    if loop.exit:
        return f"count({loop.exit!r})"
    return " + ".join(f"count({character!r})" for character in loop.exit_characters) or "length"


_NOTHING = _Follow(0, "", final=False)


def _ignores_case(node: Node) -> bool:
    if isinstance(node, Sequence):
        return any(map(_ignores_case, node.items))
    if isinstance(node, Alternation):
        return any(map(_ignores_case, node.branches))
    if isinstance(node, Group):
        return "i" in node.prefix or _ignores_case(node.body)
    return isinstance(node, (Repeat, Assertion)) and node.body is not None and _ignores_case(node.body)
