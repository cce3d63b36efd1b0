"""
Finds constructs that can make an event vanish: drop, split of nothing, headers of csv, and ordering comparisons that
may not be possible.
"""

from __future__ import annotations

from collections.abc import Iterator

from logging_pipeline.logstash_engine.language.syntax import (
    Array,
    Comparison,
    Condition,
    Hash,
    Logical,
    Membership,
    Negation,
    Operand,
    Place,
    Plugin,
    RegexMatch,
    Selector,
    Statement,
    Text,
    Truth,
)

__all__ = ["find_losses"]

_ORDERINGS = frozenset({"<", ">", "<=", ">="})

_DROP = "drop loses the event; tag it and send it somewhere else, or say why it may go"
_HEADER = "csv loses the event that is a header, or is taken for one; name the columns instead"
_SPLIT = "split loses the event where the field is empty; ask first whether it holds something"


def find_losses(statements: tuple[Statement, ...]) -> Iterator[tuple[Place, str]]:
    """Places where an event can vanish, and how."""
    yield from _in_block(statements, frozenset())


def _in_block(statements: tuple[Statement, ...], present: frozenset[str]) -> Iterator[tuple[Place, str]]:
    """*present* are the fields that are known to be there."""
    for statement in statements:
        if isinstance(statement, Plugin):
            yield from _in_plugin(statement, present)
            present |= _made_by(statement)
            continue
        before = present
        for condition, body in statement.cases:
            yield from _in_condition(condition, before)
            yield from _in_block(body, before | _known_if(condition))
            before |= _known_unless(condition)
        yield from _in_block(statement.otherwise, before)


def _in_plugin(plugin: Plugin, present: frozenset[str]) -> Iterator[tuple[Place, str]]:
    if plugin.name == "drop":
        yield plugin.place, _DROP
    elif plugin.name == "csv" and any(
        _text_option(plugin, option) == "true" for option in ("autodetect_column_names", "skip_header")
    ):
        yield plugin.place, _HEADER
    elif plugin.name == "split" and _normal(_text_option(plugin, "field") or "message") not in present:
        yield plugin.place, _SPLIT


def _in_condition(condition: Condition, present: frozenset[str]) -> Iterator[tuple[Place, str]]:
    if isinstance(condition, Negation):
        yield from _in_condition(condition.condition, present)
    elif isinstance(condition, Logical):
        yield from _in_condition(condition.left, present)
        known = _known_if(condition.left) if condition.operator in ("and", "nand") else _known_unless(condition.left)
        yield from _in_condition(condition.right, present | known if condition.operator != "xor" else present)
    elif isinstance(condition, Comparison) and condition.operator in _ORDERINGS:
        for operand in (condition.left, condition.right):
            if isinstance(operand, Selector) and _normal(operand.reference) not in present:
                field = operand.reference
                problem = (
                    f"{condition.operator} loses the event where {field} is missing or of another kind; "
                    f"write: if {field} and {field} {condition.operator} ..."
                )
                yield condition.place, problem


def _known_if(condition: Condition) -> frozenset[str]:
    """Fields that are there when *condition* holds."""
    if isinstance(condition, Truth):
        return _selected(condition.operand)
    if isinstance(condition, Comparison):
        if condition.operator == "!=":
            return frozenset()
        return _selected(condition.left) | _selected(condition.right)
    if isinstance(condition, RegexMatch):
        return frozenset() if condition.negated else _selected(condition.left)
    if isinstance(condition, Membership):
        return frozenset() if condition.negated else _selected(condition.left) | _selected(condition.right)
    if isinstance(condition, Negation):
        return _known_unless(condition.condition)
    if condition.operator == "and":
        return _known_if(condition.left) | _known_if(condition.right)
    return _known_if(condition.left) & _known_if(condition.right) if condition.operator == "or" else frozenset()


def _known_unless(condition: Condition) -> frozenset[str]:
    """Fields that are there when *condition* does not hold."""
    if isinstance(condition, Negation):
        return _known_if(condition.condition)
    if isinstance(condition, Comparison):
        return _known_if(condition) if condition.operator in _ORDERINGS else frozenset()
    if isinstance(condition, (RegexMatch, Membership)):
        return _selected(condition.left) if condition.negated else frozenset()
    if isinstance(condition, Logical):
        left, right = _known_unless(condition.left), _known_unless(condition.right)
        return (
            left | right if condition.operator == "or" else left & right if condition.operator == "and" else frozenset()
        )
    return frozenset()


def _selected(operand: Operand) -> frozenset[str]:
    return frozenset({_normal(operand.reference)}) if isinstance(operand, Selector) else frozenset()


def _made_by(plugin: Plugin) -> frozenset[str]:
    """Fields that are surely there after *plugin*: those that a mutate replaces."""
    if plugin.name != "mutate":
        return frozenset()
    made: set[str] = set()
    for attribute in plugin.attributes:
        if attribute.name == "replace" and isinstance(attribute.value, Hash):
            made |= {_normal(key.text) for key, _value in attribute.value.entries if isinstance(key, Text)}
    return frozenset(made)


def _text_option(plugin: Plugin, name: str) -> str | None:
    for attribute in plugin.attributes:
        if attribute.name == name and isinstance(attribute.value, Text):
            return attribute.value.text
        if attribute.name == name and isinstance(attribute.value, Array):
            return next((item.text for item in attribute.value.items if isinstance(item, Text)), None)
    return None


def _normal(reference: str) -> str:
    return reference if reference.startswith("[") else f"[{reference}]"
