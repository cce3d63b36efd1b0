"""The parts of a Logstash configuration, as the parser found them: plain data, each with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

__all__ = [
    "Array",
    "Attribute",
    "Branch",
    "Comparison",
    "Condition",
    "Configuration",
    "Hash",
    "Logical",
    "Membership",
    "Negation",
    "Number",
    "Place",
    "Plugin",
    "RegexMatch",
    "Regexp",
    "Section",
    "Selector",
    "Statement",
    "Text",
    "Truth",
    "Value",
    "plugins_in",
    "texts_in",
]


class Place(NamedTuple):
    """Where something stands: *line* and *column* count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Text(NamedTuple):
    """A quoted string or a bareword; *text* is as written, without the quotes (escapes are not interpreted)."""

    text: str
    place: Place


class Number(NamedTuple):
    """An integer or a decimal."""

    number: int | float
    place: Place


class Array(NamedTuple):
    items: tuple[Value, ...]
    place: Place


class Hash(NamedTuple):
    """Keys keep the order in which they were written."""

    entries: tuple[tuple[Text | Number, Value], ...]
    place: Place


class Regexp(NamedTuple):
    """What stands between two slashes."""

    source: str
    place: Place


class Selector(NamedTuple):
    """A field reference of a condition, brackets included: ``[http][status]``."""

    reference: str
    place: Place


class Attribute(NamedTuple):
    """One ``name => value`` of a plugin."""

    name: str
    value: Value
    place: Place


class Plugin(NamedTuple):
    """``name { attributes }``; as a value of an option it is a codec."""

    name: str
    attributes: tuple[Attribute, ...]
    place: Place


Value = Text | Number | Array | Hash | Plugin
Operand = Text | Number | Array | Selector | Regexp


class Truth(NamedTuple):
    """An operand on its own."""

    operand: Operand
    place: Place


class Comparison(NamedTuple):
    operator: Literal["==", "!=", "<", ">", "<=", ">="]
    left: Operand
    right: Operand
    place: Place


class RegexMatch(NamedTuple):
    """``=~``, or ``!~`` when *negated*."""

    left: Operand
    pattern: Text | Regexp
    negated: bool
    place: Place


class Membership(NamedTuple):
    """``in``, or ``not in`` when *negated*."""

    left: Operand
    right: Operand
    negated: bool
    place: Place


class Negation(NamedTuple):
    condition: Condition
    place: Place


class Logical(NamedTuple):
    operator: Literal["and", "or", "xor", "nand"]
    left: Condition
    right: Condition
    place: Place


Condition = Truth | Comparison | RegexMatch | Membership | Negation | Logical


class Branch(NamedTuple):
    """An ``if`` with its ``else if``s, in order, and what happens when none of them holds."""

    cases: tuple[tuple[Condition, tuple[Statement, ...]], ...]
    otherwise: tuple[Statement, ...]
    place: Place


Statement = Plugin | Branch


class Section(NamedTuple):
    """One ``input``, ``filter`` or ``output`` block; *source* is its text."""

    kind: Literal["input", "filter", "output"]
    statements: tuple[Statement, ...]
    place: Place
    source: str = ""


class Configuration(NamedTuple):
    """All sections of a pipeline, in order; *leading_comment* is the text before the first of them."""

    sections: tuple[Section, ...]
    leading_comment: str = ""

    def statements(self, kind: str) -> tuple[Statement, ...]:
        """The statements of every section of *kind*, as if they stood in one."""
        return tuple(statement for section in self.sections if section.kind == kind for statement in section.statements)


def plugins_in(statements: tuple[Statement, ...]) -> Iterator[Plugin]:
    """Every plugin below *statements*, in the order written."""
    for statement in statements:
        if isinstance(statement, Plugin):
            yield statement
        else:
            for _condition, body in statement.cases:
                yield from plugins_in(body)
            yield from plugins_in(statement.otherwise)


def texts_in(value: Value) -> Iterator[Text]:
    """Every string in *value*, keys of hashes included, in the order written."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, Array):
        for item in value.items:
            yield from texts_in(item)
    elif isinstance(value, Hash):
        for key, item in value.entries:
            if isinstance(key, Text):
                yield key
            yield from texts_in(item)
