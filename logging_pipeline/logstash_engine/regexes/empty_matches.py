"""
Finds expressions that may match nothing where they could match something: ``x*?``, ``|a``.

After such a match Ruby goes on with the next character, and Python first tries the same place once more.
"""

from __future__ import annotations

from logging_pipeline.logstash_engine.regexes.tree import Alternation, Characters, Group, Node, Repeat, Sequence

__all__ = ["may_prefer_nothing"]


def may_prefer_nothing(node: Node) -> bool:
    """Whether *node* can be empty, and has a lazy loop or an empty branch before another one."""
    return _can_be_empty(node) and _is_in_doubt(node)


def _can_be_empty(node: Node) -> bool:
    if isinstance(node, Characters):
        return False
    if isinstance(node, Sequence):
        return all(map(_can_be_empty, node.items))
    if isinstance(node, Alternation):
        return any(map(_can_be_empty, node.branches))
    if isinstance(node, Repeat):
        return node.least == 0 or _can_be_empty(node.body)
    return _can_be_empty(node.body) if isinstance(node, Group) else True


def _is_in_doubt(node: Node) -> bool:
    if isinstance(node, Sequence):
        return any(map(_is_in_doubt, node.items))
    if isinstance(node, Alternation):
        return any(map(_can_be_empty, node.branches[:-1])) or any(map(_is_in_doubt, node.branches))
    if isinstance(node, Repeat):
        return node.mode == "?" or _is_in_doubt(node.body)
    return isinstance(node, Group) and _is_in_doubt(node.body)
