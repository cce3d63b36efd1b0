r"""
Makes a lazy loop at the end of a pattern quick.

Nothing comes after the last quote of ``"(.*?)"`` that could fail, so that the loop always ends at the first quote:
``"([^"]*+)"`` finds the same. An engine runs over a set of characters at once, and stops at every character of a lazy
loop.
"""

from __future__ import annotations

from logging_pipeline.logstash_engine.regexes.beginnings import literal
from logging_pipeline.logstash_engine.regexes.charsets import escape
from logging_pipeline.logstash_engine.regexes.tree import Alternation, Characters, Group, Node, Repeat, Sequence

__all__ = ["with_quick_ending"]

_ALL_BUT = {"(?s:.)": "[^{}]", ".": r"[^{}\n]"}  # by the source of a dot: every character that it matches but one


def with_quick_ending(node: Node) -> Node:
    """*node*, which a pattern ends with, with quick loops before its last character; no part of it may be called."""
    if isinstance(node, Sequence) and node.items:
        *before, last = node.items
        char = literal(last)
        if before and char:
            return Sequence([*before[:-1], _quick_before(char, before[-1]), last])
        return Sequence([*before, with_quick_ending(last)])
    if isinstance(node, Alternation):
        return Alternation([with_quick_ending(branch) for branch in node.branches])
    if isinstance(node, Group) and _is_plain(node):
        return node._replace(body=with_quick_ending(node.body))
    return node


def _quick_before(char: str, node: Node) -> Node:
    """*node*, which *char* and the end of the pattern follow, with quick loops."""
    if isinstance(node, Repeat) and isinstance(node.body, Characters) and node.body.source in _ALL_BUT:
        if node.mode == "?" and node.least == 0:
            return Repeat(Characters(_ALL_BUT[node.body.source].format(escape(char))), 0, node.most, "+")
    elif isinstance(node, Sequence) and node.items:
        return Sequence([*node.items[:-1], _quick_before(char, node.items[-1])])
    elif isinstance(node, Alternation):
        return Alternation([_quick_before(char, branch) for branch in node.branches])
    elif isinstance(node, Group) and _is_plain(node):
        return node._replace(body=_quick_before(char, node.body))
    return node


def _is_plain(node: Group) -> bool:
    """Whether a group neither changes options nor how its body is matched."""
    return node.number is not None or node.prefix == "?:"
