"""
The grammar of conditions.

``and`` binds tighter than ``or``; ``xor`` and ``nand`` take exactly two terms and refuse any neighbour without
parentheses.
"""

from __future__ import annotations

import re
from typing import Literal, cast

from logging_pipeline.logstash_engine.language.literals import parse_number, parse_quoted, parse_text
from logging_pipeline.logstash_engine.language.scanner import Scanner
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

__all__ = ["parse_condition"]

_SELECTOR = re.compile(r"(?:\[[^\]\[,]+\])+")
_REGEXP = re.compile(r"/((?:\\/|[^/])*)/")
_COMPARE = re.compile(r"==|!=|<=|>=|<|>")
_LOGICAL = re.compile(r"and|or|xor|nand")
_NOT_IN = re.compile(r"not (?:[ \t\r\n]|#[^\r\n]*\r?\n)*in")

_Logical = Literal["and", "or", "xor", "nand"]


def parse_condition(scanner: Scanner) -> Condition:
    """
    Parse a condition up to where no operator follows.

    Raises:
        LogstashConfigError: an operand or operator is missing, or ``xor``/``nand`` is chained.
    """
    terms = [_term(scanner)]
    operators: list[tuple[_Logical, int]] = []
    while True:
        before = scanner.position
        scanner.skip_blank()
        start = scanner.position
        operator = scanner.match(_LOGICAL)
        if operator is None:
            scanner.position = before
            return _join(scanner, terms, operators)
        operators.append((cast("_Logical", operator[0]), start))
        scanner.skip_blank()
        terms.append(_term(scanner))


def _join(scanner: Scanner, terms: list[Condition], operators: list[tuple[_Logical, int]]) -> Condition:
    if len(operators) > 1:
        for operator, start in operators:
            if operator in ("xor", "nand"):
                scanner.fail(f"{operator} joins exactly two terms: put parentheses around them", start)
    disjunction: list[Condition] = [terms[0]]
    or_starts: list[int] = []
    for (operator, start), term in zip(operators, terms[1:], strict=True):
        if operator == "or":
            disjunction.append(term)
            or_starts.append(start)
        else:
            disjunction[-1] = Logical(operator, disjunction[-1], term, scanner.place(start))
    condition = disjunction[0]
    for start, term in zip(or_starts, disjunction[1:], strict=True):
        condition = Logical("or", condition, term, scanner.place(start))
    return condition


def _term(scanner: Scanner) -> Condition:
    place = scanner.place()
    if scanner.accept("("):
        return _parenthesised(scanner)
    if scanner.accept("!"):
        scanner.skip_blank()
        if scanner.accept("("):
            return Negation(_parenthesised(scanner), place)
        selector = _selector(scanner)
        if selector is None:
            scanner.fail("expected a field reference or '(' after '!'")
        return Negation(Truth(selector, selector.place), place)
    left = _operand(scanner)
    before = scanner.position
    scanner.skip_blank()
    if scanner.accept("in"):
        scanner.skip_blank()
        return Membership(left, _operand(scanner), negated=False, place=place)
    if scanner.match(_NOT_IN):
        scanner.skip_blank()
        return Membership(left, _operand(scanner), negated=True, place=place)
    operator = scanner.match(_COMPARE)
    if operator is not None:
        scanner.skip_blank()
        symbol = cast('Literal["==", "!=", "<", ">", "<=", ">="]', operator[0])
        return Comparison(symbol, left, _operand(scanner), place)
    for symbol_text, negated in (("=~", False), ("!~", True)):
        if scanner.accept(symbol_text):
            scanner.skip_blank()
            return RegexMatch(left, _pattern(scanner), negated, place)
    scanner.position = before
    return Truth(left, place)


def _parenthesised(scanner: Scanner) -> Condition:
    scanner.skip_blank()
    condition = parse_condition(scanner)
    scanner.skip_blank()
    scanner.expect(")", "after a condition in parentheses")
    return condition


def _operand(scanner: Scanner) -> Operand:
    operand = (
        parse_quoted(scanner) or parse_number(scanner) or _selector(scanner) or _array(scanner) or _regexp(scanner)
    )
    if operand is None:
        scanner.fail("expected a field reference, a string, a number, a list or a regular expression")
    return operand


def _pattern(scanner: Scanner) -> Text | Regexp:
    pattern = parse_quoted(scanner) or _regexp(scanner)
    if pattern is None:
        scanner.fail("expected a regular expression between slashes, or a string")
    return pattern


def _selector(scanner: Scanner) -> Selector | None:
    place = scanner.place()
    match = scanner.match(_SELECTOR)
    return None if match is None else Selector(match[0], place)


def _regexp(scanner: Scanner) -> Regexp | None:
    place = scanner.place()
    match = scanner.match(_REGEXP)
    return None if match is None else Regexp(match[1], place)


def _array(scanner: Scanner) -> Array | None:
    place = scanner.place()
    if not scanner.accept("["):
        return None
    items: list[Value] = []
    scanner.skip_blank()
    while not scanner.accept("]"):
        if items:
            scanner.expect(",", "or ']' in a list")
            scanner.skip_blank()
        item: Text | Number | Array | None = parse_text(scanner) or parse_number(scanner) or _array(scanner)
        if item is None:
            scanner.fail("expected a string or a number in a list")
        items.append(item)
        scanner.skip_blank()
    return Array(tuple(items), place)
