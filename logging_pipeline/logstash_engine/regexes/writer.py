"""Writes the tree of a regular expression in the syntax that Python's `re` and the `regex` package share."""

from __future__ import annotations

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

__all__ = ["needs_regex", "write"]


def write(node: Node) -> str:
    """The source of *node*."""
    if isinstance(node, Characters):
        return node.source
    if isinstance(node, Sequence):
        return "".join(map(write, node.items))
    if isinstance(node, Alternation):
        return "(?:" + "|".join(map(write, node.branches)) + ")"
    if isinstance(node, Group):
        return f"({'' if node.number else node.prefix}{write(node.body)})"
    if isinstance(node, Repeat):
        return _repeat(node)
    if isinstance(node, Reference):
        return _reference(node)
    return node.source if node.body is None else f"({node.source}{write(node.body)})"


def _repeat(node: Repeat) -> str:
    body = write(node.body)
    if isinstance(node.body, (Repeat, Sequence, Assertion, Reference)):
        body = f"(?:{body})"
    least, most = node.least, node.most
    plain = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((least, most))
    return body + (plain or f"{{{least},{'' if most is None else most}}}") + node.mode


def _reference(node: Reference) -> str:
    if node.call:
        return f"(?{node.groups[0]})"
    if len(node.groups) == 1:
        return f"(?:\\{node.groups[0]})"
    return "(?:" + "|".join(f"\\{group}" for group in reversed(node.groups)) + ")"


def needs_regex(node: Node) -> bool:
    """Whether only the ``regex`` package can run *node*."""
    if isinstance(node, Characters):
        return node.needs_regex
    if isinstance(node, Sequence):
        return any(map(needs_regex, node.items))
    if isinstance(node, Alternation):
        return any(map(needs_regex, node.branches))
    if isinstance(node, (Group, Repeat)):
        return needs_regex(node.body)
    if isinstance(node, Reference):
        return node.call
    return node.needs_regex or (node.body is not None and needs_regex(node.body))
