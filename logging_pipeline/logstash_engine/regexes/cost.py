"""
How long a backtracking engine may take on a hostile text, estimated from the tree.

A loop is *decided* when the characters that continue it and the characters that may follow it differ: the engine never
has to come back to it. Every undecided loop multiplies the ways through the pattern by the length of the text; an
undecided loop within a loop makes them exponential.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import factorial

from logging_pipeline.logstash_engine.regexes.tree import (
    Alternation,
    Assertion,
    Characters,
    Group,
    Node,
    Reference,
    Repeat,
    Sequence,
)

__all__ = ["EXPONENTIAL", "degree", "safe_length"]

EXPONENTIAL = 99  # a degree at which no text is short enough
_MANY = 16  # a loop with this limit or more counts as one without end
_SAMPLE = "".join(map(chr, range(128))) + "é漢"  # two stand for everything beyond ASCII
_ALL = (1 << len(_SAMPLE)) - 1
_STEPS_PER_SECOND = 30_000_000
_TIGHT_STEPS_PER_SECOND = 1_000_000_000


def safe_length(node: Node, seconds: float) -> int:
    """Texts up to this many characters take *seconds* at the most, by the estimate."""
    exponent = degree(node)
    if exponent >= EXPONENTIAL:
        return 0
    if exponent <= 1:  # every beginning is tried, and each may run to the end in one of the engine's tight loops
        return int((_TIGHT_STEPS_PER_SECOND * seconds) ** 0.5)
    return int((_STEPS_PER_SECOND * seconds * factorial(exponent)) ** (1 / exponent))


def degree(node: Node) -> int:
    """The exponent of the text's length in the number of steps, the search for a beginning included."""
    anchored = isinstance(node, Sequence) and node.items and _is_start(node.items[0])
    return min(EXPONENTIAL, _degree(node, 0) + (0 if anchored else 1))


def _is_start(node: Node) -> bool:
    return isinstance(node, Assertion) and node.source == r"\A"


def _degree(node: Node, follow: int) -> int:
    """Undecided loops in *node*, when the characters of the set *follow* may come after it."""
    if isinstance(node, Sequence):
        total = 0
        for item in reversed(node.items):
            total += _degree(item, follow)
            follow = _first(item) | (follow if _nullable(item) else 0)
        return total
    if isinstance(node, Alternation):
        return max(_degree(branch, follow) for branch in node.branches)
    if isinstance(node, Group):
        return _degree(node.body, 0 if node.prefix == "?>" else follow)
    if isinstance(node, Repeat):
        return _repeat_degree(node, follow)
    if isinstance(node, Reference):
        return EXPONENTIAL if node.call else 1
    if isinstance(node, Assertion) and node.body is not None:
        return _degree(node.body, 0)
    return 0


def _repeat_degree(node: Repeat, follow: int) -> int:
    first = _first(node.body)
    if node.most is not None and node.most < _MANY:
        return _degree(node.body, follow | (first if node.most > 1 else 0)) * (2 if node.most > 1 else 1)
    inside = _degree(node.body, first | follow)
    if inside or _nullable(node.body) or _ambiguous(node.body):
        return EXPONENTIAL
    return 0 if node.mode == "+" or not first & follow else 1


def _ambiguous(node: Node) -> bool:
    """Whether two branches of an alternation can begin with the same character."""
    if isinstance(node, Alternation):
        seen = 0
        for branch in node.branches:
            first = _first(branch)
            if seen & first or _nullable(branch) or _ambiguous(branch):
                return True
            seen |= first
        return False
    if isinstance(node, Sequence):
        return any(map(_ambiguous, node.items))
    if isinstance(node, Repeat):
        return _ambiguous(node.body)
    return isinstance(node, Group) and node.prefix != "?>" and _ambiguous(node.body)


def _nullable(node: Node) -> bool:
    if isinstance(node, Sequence):
        return all(map(_nullable, node.items))
    if isinstance(node, Alternation):
        return any(map(_nullable, node.branches))
    if isinstance(node, Group):
        return _nullable(node.body)
    if isinstance(node, Repeat):
        return node.least == 0 or _nullable(node.body)
    return not isinstance(node, Characters)


def _first(node: Node) -> int:
    """The characters with which *node* can begin, as a set of bits over the sample."""
    if isinstance(node, Characters):
        return _ALL if node.needs_regex else _bits(node.source)
    if isinstance(node, Sequence):
        found = 0
        for item in node.items:
            found |= _first(item)
            if not _nullable(item):
                break
        return found
    if isinstance(node, Alternation):
        found = 0
        for branch in node.branches:
            found |= _first(branch)
        return found
    if isinstance(node, (Group, Repeat)):
        return _first(node.body)
    return _ALL if isinstance(node, Reference) else 0


@lru_cache(maxsize=2048)
def _bits(source: str) -> int:
    matches = re.compile(source, re.IGNORECASE).fullmatch  # whether case counts is decided further up
    return sum(1 << index for index, char in enumerate(_SAMPLE) if matches(char))
