"""
Compiles a condition to a Python expression over ``event``; what it needs (getters, patterns) is bound by name in a
namespace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from logging_pipeline.logstash_engine.comparisons import among, contains, field_in_field, order, same, truthy
from logging_pipeline.logstash_engine.environment import Environment
from logging_pipeline.logstash_engine.events.access import reading
from logging_pipeline.logstash_engine.events.fields import MISSING, FieldError, Path, getter, parse_reference
from logging_pipeline.logstash_engine.events.text import java_text
from logging_pipeline.logstash_engine.language.syntax import (
    Array,
    Comparison,
    Condition,
    Logical,
    Membership,
    Negation,
    Number,
    Operand,
    RegexMatch,
    Regexp,
    Selector,
    Text,
    Truth,
    Value,
)
from logging_pipeline.logstash_engine.options import fail
from logging_pipeline.logstash_engine.regexes import RegexError, compile_regex

__all__ = ["ConditionCompiler"]

_CONVERSES = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}  # it is the field that is compared, wherever it stands
_ORDERINGS = {"<": "< 0", ">": "> 0", "<=": "<= 0", ">=": ">= 0"}


class ConditionCompiler:
    """Turns conditions into expressions; *namespace* is where the expressions run."""

    def __init__(self, namespace: dict[str, Any], environment: Environment) -> None:
        self._namespace = namespace
        self._environment = environment
        self._bound: dict[str, str] = {}
        self._asked: Counter[Path] = Counter()  # how often conditions ask for a field
        self._held: dict[Path, str] = {}  # variables that hold one
        namespace.update(
            among=among,
            contains=contains,
            field_in_field=field_in_field,
            order=order,
            same=same,
            truthy=truthy,
            MISSING=MISSING,
        )

    def compile(self, condition: Condition) -> str:
        """
        The expression for *condition*; it may raise ConditionError and RegexTimeout.

        Raises:
            LogstashConfigError: a regular expression does not compile, or two things are compared that cannot be.
        """
        return str(getattr(self, f"_{type(condition).__name__.lower()}")(condition))

    def compile_all(self, conditions: Sequence[Condition]) -> tuple[list[str], list[str]]:
        """
        The expressions for *conditions* between which nothing writes, and statements to run before them: fields that
        they ask for more than once are read there.
        """
        self._asked.clear()
        for condition in conditions:
            self.compile(condition)
        often = [path for path, times in self._asked.items() if times > 1 and path[0] != "tags"]  # a failure tags
        reads = [f"field_{number} = {self._read_path(path)}" for number, path in enumerate(often, 1)]
        self._held = {path: f"field_{number}" for number, path in enumerate(often, 1)}
        expressions = [self.compile(condition) for condition in conditions]
        self._held = {}
        return reads, expressions

    def _truth(self, condition: Truth) -> str:
        operand = condition.operand
        if isinstance(operand, Selector):
            tests = ["(v := {}) is not MISSING", "v is not None", "v is not False", 'v != ""', 'v != "false"']
            return f"({' and '.join(tests)})".format(self._operand(operand))
        return str(truthy(self._literal(operand)))

    def _negation(self, condition: Negation) -> str:
        return f"(not {self.compile(condition.condition)})"

    def _logical(self, condition: Logical) -> str:
        for term in (condition.left, condition.right):
            if isinstance(term, Truth) and not isinstance(term.operand, Selector):
                raise fail(term.place, f"{condition.operator} joins fields and comparisons, not a literal")
        if condition.operator in ("and", "or"):
            return f"({f' {condition.operator} '.join(map(self.compile, _chain(condition)))})"
        left, right = self.compile(condition.left), self.compile(condition.right)
        if condition.operator == "nand":
            return f"(not ({left} and {right}))"
        return f"(bool({left}) is not bool({right}))"

    def _comparison(self, condition: Comparison) -> str:
        if condition.operator in ("==", "!="):
            equal = self._equality(condition)
            return equal if condition.operator == "==" else f"(not {equal})"
        if isinstance(condition.left, Array) or isinstance(condition.right, Array):
            raise fail(condition.place, f"{condition.operator} cannot order a list")
        first, second = condition.left, condition.right
        operator: str = condition.operator
        if isinstance(second, Selector) and not isinstance(first, Selector):
            first, operator, second = second, _CONVERSES[operator], first
        left, ordering, right = self._operand(first), _ORDERINGS[operator], self._operand(second)
        if isinstance(first, Selector) and isinstance(second, Number):
            return f"(v {operator} {right} if (v := {left}).__class__ is int else order(v, {right}) {ordering})"
        return f"(order({left}, {right}) {ordering})"

    def _equality(self, condition: Comparison) -> str:
        left, right = condition.left, condition.right
        if isinstance(left, Array):
            raise fail(left.place, "a list stands on the right of a comparison")
        if isinstance(right, Selector) and not isinstance(left, Selector):
            left, right = right, left
        if isinstance(left, Selector) and isinstance(right, Text):
            return f"({self._operand(left)} == {self._operand(right)})"
        return f"same({self._operand(left)}, {self._operand(right)})"

    def _regexmatch(self, condition: RegexMatch) -> str:
        pattern = condition.pattern
        source = pattern.text if isinstance(pattern, Text) else pattern.source
        try:
            matches = self._bind("matches", source, lambda: compile_regex(source).matcher())
        except RegexError as error:
            raise fail(pattern.place, f"the regular expression does not compile: {error}") from None
        if isinstance(condition.left, (Array, Regexp)):
            raise fail(condition.place, "a regular expression is matched against a field or a string")
        matched = f"((v := {self._operand(condition.left)}).__class__ is str and {matches}(v))"
        return f"(not {matched})" if condition.negated else matched

    def _membership(self, condition: Membership) -> str:
        inside = self._inside(condition.left, condition.right)
        return f"(not {inside})" if condition.negated else inside

    def _inside(self, left: Operand, right: Operand) -> str:
        if isinstance(right, Selector):
            if isinstance(left, Selector):
                return f"field_in_field(event, {self._operand(left)}, {self._operand(right)})"
            return f"contains({self._operand(right)}, {self._operand(left)})"
        if not isinstance(left, Selector):
            return str(same(self._literal(left), self._literal(right)))  # of two literals neither is looked into
        if isinstance(right, Array):
            texts = self._texts(right)
            return f"(v in {texts} if (v := {self._operand(left)}).__class__ is str else among(v, {texts}))"
        whole = java_text(self._literal(right))
        return f"((v := {self._operand(left)}).__class__ is str and v in {whole!r})"

    def _texts(self, array: Array) -> str:
        members = self._literal(array)
        return self._bind("texts", repr(members), lambda: frozenset(java_text(member) for member in members))

    def _operand(self, operand: Operand) -> str:
        """The expression for an operand; a missing field is MISSING."""
        if isinstance(operand, Selector):
            return self._read(operand)
        return repr(self._literal(operand))

    def _read(self, selector: Selector) -> str:
        try:
            path = parse_reference(selector.reference)
        except FieldError as error:
            raise fail(selector.place, str(error)) from None
        self._asked[path] += 1
        return self._held.get(path) or self._read_path(path)

    def _read_path(self, path: Path) -> str:
        name = self._bind("get_" + _identifier(path), repr(path), lambda: getter(path, MISSING))
        return reading(path, "MISSING", f"{name}(event)")

    def _literal(self, operand: Operand | Value) -> Any:
        if isinstance(operand, Text):
            return self._environment.substitute(operand.text, operand.place)
        if isinstance(operand, Number):
            return operand.number
        if isinstance(operand, Array):
            return [self._literal(item) for item in operand.items]
        raise fail(operand.place, "a regular expression stands after =~ or !~")

    def _bind(self, stem: str, key: str, make: Callable[[], Any]) -> str:
        """The name under which what *make* makes is found; the same *key* has the same name."""
        name = self._bound.get(f"{stem}:{key}")
        if name is None:
            name = f"{stem}_{len(self._bound) + 1}"
            self._namespace[name] = make()
            self._bound[f"{stem}:{key}"] = name
        return name


def _chain(condition: Logical) -> list[Condition]:
    """The terms that one operator joins, in their order."""
    terms: list[Condition] = []
    term: Condition = condition
    while isinstance(term, Logical) and term.operator == condition.operator:
        terms.append(term.right)
        term = term.left
    return [term, *reversed(terms)]


def _identifier(path: tuple[str, ...]) -> str:
    """Something readable for the generated source."""
    return "_".join("".join(char if char.isascii() and char.isalnum() else "_" for char in key) for key in path)
