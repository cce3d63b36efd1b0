"""Finds fields in a configuration that the contract does not know: the index has no mapping for them."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from logging_pipeline.contract import Contract
from logging_pipeline.indexes.templates import DEAD_LETTER_FIELDS, DISCARDED_FIELDS
from logging_pipeline.logstash_engine.checks.field_options import references_of
from logging_pipeline.logstash_engine.events.fields import FieldError, parse_reference
from logging_pipeline.logstash_engine.events.template import references
from logging_pipeline.logstash_engine.language.syntax import (
    Branch,
    Comparison,
    Condition,
    Configuration,
    Logical,
    Membership,
    Negation,
    Operand,
    Place,
    Plugin,
    RegexMatch,
    Selector,
    Statement,
    Truth,
    Value,
    plugins_in,
    texts_in,
)

__all__ = ["find_unknown_fields"]

_OWN = frozenset({"@metadata", "@timestamp", "@version", "tags", "message", "labels", "numeric_labels", "_tags"})


def find_unknown_fields(configuration: Configuration, contract: Contract) -> Iterator[tuple[Place, str]]:
    """
    Places where a field is named that neither *contract* nor the streams of dead letters and discarded events have,
    with the nearest that they have. A field that the configuration removes again is its own business.
    """
    known = _Known(contract, _removed(configuration))
    for kind in ("filter", "output"):
        for reference, place in _in_block(configuration.statements(kind)):
            problem = known.problem(reference)
            if problem is not None:
                yield place, problem


class _Known:
    """The contract's fields and the objects above them."""

    def __init__(self, contract: Contract, private: frozenset[str]) -> None:
        stored = (*contract.fields.values(), *DEAD_LETTER_FIELDS, *DISCARDED_FIELDS)
        self._types: dict[str, str] = {"event.original": "keyword"}
        self._types.update((field.name, field.type) for field in stored)
        self._private = _OWN | private
        self._fields = sorted(self._types)
        self._objects = {name.rsplit(".", depth)[0] for name in self._fields for depth in range(1, name.count(".") + 1)}

    def problem(self, reference: str) -> str | None:
        """What is wrong with *reference*, None if nothing."""
        try:
            path = parse_reference(reference)
        except FieldError as error:
            return str(error)
        if path[0] in self._private or "%{" in reference:
            return None
        keys = [key for key in path if not key.lstrip("-").isdigit()]
        name = ".".join(keys)
        if name in self._types or name in self._objects:
            return None
        if any(self._types.get(".".join(keys[:depth])) == "flattened" for depth in range(1, len(keys))):
            return None
        close = get_close_matches(name, self._fields, n=1, cutoff=0.6)
        hint = f"; did you mean [{close[0].replace('.', '][')}]?" if close else ""
        return f"the contract has no field {reference}{hint}"


def _removed(configuration: Configuration) -> frozenset[str]:
    """Fields of the top level that some filter removes."""
    removed: set[str] = set()
    for plugin in plugins_in(configuration.statements("filter")):
        for attribute in plugin.attributes:
            if attribute.name == "remove_field":
                removed |= {text.text.strip("[]") for text in texts_in(attribute.value)}
    return frozenset(removed)


def _in_block(statements: tuple[Statement, ...]) -> Iterator[tuple[str, Place]]:
    for statement in statements:
        if isinstance(statement, Plugin):
            yield from _in_plugin(statement)
        else:
            yield from _in_branch(statement)


def _in_branch(branch: Branch) -> Iterator[tuple[str, Place]]:
    for condition, body in branch.cases:
        yield from _in_condition(condition)
        yield from _in_block(body)
    yield from _in_block(branch.otherwise)


def _in_condition(condition: Condition) -> Iterator[tuple[str, Place]]:
    if isinstance(condition, Negation):
        yield from _in_condition(condition.condition)
    elif isinstance(condition, Logical):
        yield from _in_condition(condition.left)
        yield from _in_condition(condition.right)
    else:
        for operand in _operands(condition):
            if isinstance(operand, Selector) and '"' not in operand.reference and "'" not in operand.reference:
                yield operand.reference, operand.place


def _operands(condition: Truth | Comparison | RegexMatch | Membership) -> list[Operand]:
    if isinstance(condition, Truth):
        return [condition.operand]
    if isinstance(condition, RegexMatch):
        return [condition.left]
    return [condition.left, condition.right]


def _in_plugin(plugin: Plugin) -> Iterator[tuple[str, Place]]:
    for attribute in plugin.attributes:
        yield from references_of(plugin.name, attribute)
        yield from _in_templates(attribute.value)


def _in_templates(value: Value) -> Iterator[tuple[str, Place]]:
    """Fields in ``%{...}``; what stands in a grok expression looks alike and names a pattern."""
    for text in texts_in(value):
        for reference in references(text.text):
            if reference.startswith("["):
                yield reference, text.place
