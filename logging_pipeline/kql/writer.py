"""From a syntax tree to text: parsing it gives the same tree."""

from __future__ import annotations

import re

from logging_pipeline.kql.syntax import And, Is, Literal, Nested, Node, Not, Or, Pattern, Range

__all__ = ["spelled", "to_text"]

_ESCAPED = str.maketrans({**{c: f"\\{c}" for c in '\\():<>"*{}'}, "\t": r"\t", "\r": r"\r", "\n": r"\n"})
_QUOTED = str.maketrans({"\\": r"\\", '"': r"\"", "\t": r"\t", "\r": r"\r", "\n": r"\n"})
_PLAIN = re.compile(r"(?!(?:and|or|not|null)$)[\w./@+-]+", re.IGNORECASE)
_KEYWORD = re.compile(r"(?<![^ \u00a0])(and|or|not)(?![^ \u00a0])", re.IGNORECASE)


def to_text(node: Node) -> str:
    """*node* in one spelling: field groups written out, one space where one can stand, parentheses where they count."""
    match node:
        case Is(field=name, value=value):
            return f"{_literal(name)}: {_literal(value)}" if name else _literal(value)
        case Range(field=name, operator=operator, value=value):
            return f"{_literal(name)} {operator} {_literal(value)}"
        case Nested(path=path, node=inner):
            return f"{_literal(path)}: {{ {to_text(inner)} }}"
        case Not(node=inner):
            return f"not {_in(inner, And, Or, Not)}"
        case And(nodes=nodes):
            return " and ".join(_in(inner, And, Or) for inner in nodes)
        case Or(nodes=nodes):
            return " or ".join(_in(inner, Or) for inner in nodes)


def spelled(value: str) -> str:
    """A value as it is written in a query: in quotation marks where it needs them."""
    return value if _PLAIN.fullmatch(value) else f'"{value.translate(_QUOTED)}"'


def _in(node: Node, *enclosed: type) -> str:
    return f"({to_text(node)})" if isinstance(node, enclosed) else to_text(node)


def _literal(literal: Literal | Pattern) -> str:
    if isinstance(literal, Pattern):
        return "*".join(map(_escaped, literal.parts))
    return f'"{literal.text.translate(_QUOTED)}"' if literal.quoted else _escaped(literal.text)


def _escaped(text: str) -> str:
    return _KEYWORD.sub(r"\\\1", text.translate(_ESCAPED))
