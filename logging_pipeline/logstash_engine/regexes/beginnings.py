"""What the nodes of a regular expression can begin with: sets of characters, kept as bits over a sample of them."""

from __future__ import annotations

import re
from functools import lru_cache

from logging_pipeline.logstash_engine.regexes.tree import (
    Alternation,
    Characters,
    Group,
    Node,
    Reference,
    Repeat,
    Sequence,
)

__all__ = ["characters", "first", "is_ambiguous", "literal", "nullable"]

_ASCII = 128
_SAMPLE = "".join(map(chr, range(_ASCII))) + "é漢"  # two stand for everything beyond ASCII
_PLACES = {char: index for index, char in enumerate(_SAMPLE)}
_ALL = (1 << len(_SAMPLE)) - 1
_FEW = 6  # sets of more characters than this are not told apart from "any"
_LITERAL = re.compile(r"[^\\\[\].^$|()?*+{}]|\\[^0-9A-Za-z]")


def literal(node: Node) -> str:
    """The one character that *node* matches, empty if it matches another thing or several."""
    if isinstance(node, Characters) and _LITERAL.fullmatch(node.source):
        return node.source[-1]
    return ""


def characters(bits: int) -> str:
    """The characters of a set, empty if they are many."""
    if bits >> _ASCII or bits.bit_count() > _FEW:
        return ""
    return "".join(_SAMPLE[index] for index in range(_ASCII) if bits >> index & 1)


def first(node: Node) -> int:
    """The characters with which *node* can begin."""
    if isinstance(node, Characters):
        return _ALL if node.needs_regex else _bits(node.source)
    if isinstance(node, Sequence):
        found = 0
        for item in node.items:
            found |= first(item)
            if not nullable(item):
                break
        return found
    if isinstance(node, Alternation):
        found = 0
        for branch in node.branches:
            found |= first(branch)
        return found
    if isinstance(node, (Group, Repeat)):
        return first(node.body)
    return _ALL if isinstance(node, Reference) else 0


@lru_cache(maxsize=2048)
def _bits(source: str) -> int:
    if source.isascii() and _LITERAL.fullmatch(source):
        found = source[-1].lower() + source[-1].upper()
    else:
        found = "".join(re.findall(source, _SAMPLE, re.IGNORECASE))  # whether case counts is decided further up
    return sum(1 << _PLACES[char] for char in set(found) if char in _PLACES)


def nullable(node: Node) -> bool:
    """Whether *node* can match nothing."""
    if isinstance(node, Sequence):
        return all(map(nullable, node.items))
    if isinstance(node, Alternation):
        return any(map(nullable, node.branches))
    if isinstance(node, Group):
        return nullable(node.body)
    if isinstance(node, Repeat):
        return node.least == 0 or nullable(node.body)
    return not isinstance(node, Characters)


def is_ambiguous(node: Node) -> bool:
    """Whether two branches of an alternation in *node* can begin with the same character."""
    if isinstance(node, Alternation):
        seen = 0
        for branch in node.branches:
            begins = first(branch)
            if seen & begins or nullable(branch) or is_ambiguous(branch):
                return True
            seen |= begins
        return False
    if isinstance(node, Sequence):
        return any(map(is_ambiguous, node.items))
    if isinstance(node, Repeat):
        return is_ambiguous(node.body)
    return isinstance(node, Group) and node.prefix != "?>" and is_ambiguous(node.body)
