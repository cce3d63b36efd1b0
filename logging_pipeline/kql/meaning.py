"""From a syntax tree to conditions: which fields, which values, which instants; and no more than the limits allow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from logging_pipeline.contract import Contract
from logging_pipeline.errors import KqlError
from logging_pipeline.kql.conditions import All, Condition, No, OneOf, Target
from logging_pipeline.kql.dates import Clock
from logging_pipeline.kql.free_text import free_text
from logging_pipeline.kql.names import names_of
from logging_pipeline.kql.options import Options
from logging_pipeline.kql.syntax import And, Is, Literal, Nested, Node, Not, Or, Pattern, Range
from logging_pipeline.kql.typed import Unfit, equal, ordered

__all__ = ["conditions"]


def conditions(node: Node, contract: Contract, options: Options) -> Condition:
    """
    What *node* asks for.

    Raises:
        KqlError: an unknown field, a value that its field cannot hold, or more than the limits allow.
    """
    return _Reader(contract, options).read(node)


class _Reader:
    def __init__(self, contract: Contract, options: Options) -> None:
        self._names = names_of(contract)
        self._clock = Clock(options.now or datetime.now(UTC), options.zone)
        self._default_fields = options.default_fields
        self._words = options.words
        self._limits = options.limits
        self._clauses = 0
        self._wildcards = 0
        self._leading_wildcards = 0

    def read(self, node: Node, path: str = "", depth: int = 0) -> Condition:
        if depth > self._limits.max_depth:
            raise KqlError(
                f"`and`, `or` and `not` are nested more than {self._limits.max_depth} deep. Write the query flatter"
            )
        match node:
            case And(nodes=nodes):
                return All(tuple(self.read(inner, path, depth + 1) for inner in nodes))
            case Or(nodes=nodes):
                return OneOf(tuple(self.read(inner, path, depth + 1) for inner in nodes))
            case Not(node=inner):
                return No(self.read(inner, path, depth + 1))
            case Nested(path=below, node=inner):
                return self.read(inner, f"{path}{below.text}.", depth)
            case Is(field=name, value=value):
                return self._is(name, value, path)
            case Range(field=name, operator=operator, value=value):
                targets = self._names.resolve(name, path)
                return self._of(targets, value, lambda target: ordered(target, operator, value.text, self._clock))

    def _is(self, name: Literal | Pattern | None, value: Literal | Pattern, path: str) -> Condition:
        if isinstance(value, Pattern):
            self._count_wildcards(value)
            if value.matches_all and not path and (name is None or (isinstance(name, Pattern) and name.matches_all)):
                return All(())
        if name is None and self._words:
            return self._free_text(value, path)
        targets = self._names.resolve(name, path) if name else self._names.default(path, self._default_fields)
        if name is not None and isinstance(value, Literal) and value.text == "null" and not value.quoted:
            raise value.place.error(
                f'null is no value. Events without the field: not {targets[0].name}: *. The text itself: "null"'
            )
        if not targets:
            raise value.place.error(f"no text, number or address lies below {path.rstrip('.')}. Name a field of it")
        return self._of(targets, value, lambda target: equal(target, value, self._clock))

    def _of(
        self,
        targets: tuple[Target, ...],
        value: Literal | Pattern,
        make: Callable[[Target], Condition],
    ) -> Condition:
        """The condition for one field; of several, for those that can hold the value."""
        found: list[Condition] = []
        problem = ""
        for target in targets:
            try:
                found.append(make(target))
            except Unfit as unfit:
                problem = str(unfit)
        if not found:
            raise value.place.error(f"none of the {len(targets)} fields can hold this" if len(targets) > 1 else problem)
        self._count_clauses(len(found), value)
        return found[0] if len(found) == 1 else OneOf(tuple(found))

    def _free_text(self, value: Literal | Pattern, path: str) -> Condition:
        found = free_text(value, self._names.default(path, None))
        self._count_clauses(sum(len(word.conditions) for word in found), value)
        return found[0] if len(found) == 1 else All(found)

    def _count_clauses(self, count: int, value: Literal | Pattern) -> None:
        self._clauses += count
        if self._clauses > self._limits.max_clauses:
            raise value.place.error(
                f"more than {self._limits.max_clauses:,} conditions; a value without a field counts for each field. "
                "Name the field"
            )

    def _count_wildcards(self, pattern: Pattern) -> None:
        if pattern.matches_all:
            return
        self._wildcards += len(pattern.parts) - 1
        if self._wildcards > self._limits.max_wildcards:
            raise pattern.place.error(f"more than {self._limits.max_wildcards} wildcards. Ask for less at once")
        self._leading_wildcards += not pattern.parts[0]
        if self._leading_wildcards > self._limits.max_leading_wildcards:
            raise pattern.place.error(
                f"more than {self._limits.max_leading_wildcards} values begin with a wildcard, which is slow. "
                "Begin them with a letter"
            )
