"""
The grammar of Logstash's configuration language, one function a rule.

What is odd about it is kept, because configurations rely on it: a bareword has two characters or more, a string cannot
end in a backslash, entries of a hash have no commas, and ``["abc"]`` in a condition is a field reference and not a
list.
"""

from __future__ import annotations

import re
from typing import Literal, cast

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine.language.conditions import parse_condition
from logging_pipeline.logstash_engine.language.literals import parse_number, parse_text
from logging_pipeline.logstash_engine.language.scanner import Scanner
from logging_pipeline.logstash_engine.language.syntax import (
    Array,
    Attribute,
    Branch,
    Condition,
    Configuration,
    Hash,
    Number,
    Plugin,
    Section,
    Statement,
    Text,
    Value,
)

__all__ = ["TOO_DEEP", "parse"]

TOO_DEEP = "blocks, brackets or conditions stand within each other too deeply"

_SECTION = re.compile(r"input|filter|output")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_IF = re.compile(r"if(?![A-Za-z0-9_-]*[ \t\r\n]*(?:\{|=>))")


def parse(text: str, file: str = "<config>") -> Configuration:
    """
    Parse the *text* of one configuration; *file* is its name in errors.

    Raises:
        LogstashConfigError: the text is not in the language, with line and column.
    """
    scanner = Scanner(text, file)
    scanner.skip_blank()
    leading = text[: scanner.position]
    sections: list[Section] = []
    while not scanner.at_end():
        try:
            sections.append(_section(scanner))
        except RecursionError:
            raise LogstashConfigError(TOO_DEEP, file=file) from None
        scanner.skip_blank()
    if not sections:
        scanner.fail("expected a section (input, filter or output)")
    return Configuration(tuple(sections), leading)


def _section(scanner: Scanner) -> Section:
    place, start = scanner.place(), scanner.position
    kind = scanner.match(_SECTION)
    if kind is None:
        scanner.fail("expected a section (input, filter or output)")
    scanner.skip_blank()
    scanner.expect("{", f"after {kind[0]!r}")
    statements = _statements(scanner, f"the {kind[0]} section")
    source = scanner.text[start : scanner.position]
    return Section(cast("Literal['input', 'filter', 'output']", kind[0]), statements, place, source)


def _statements(scanner: Scanner, inside: str) -> tuple[Statement, ...]:
    """Plugins and branches up to the closing brace, which is taken too."""
    statements: list[Statement] = []
    scanner.skip_blank()
    while not scanner.accept("}"):
        if scanner.at_end():
            scanner.fail(f"expected a plugin, 'if' or '}}' in {inside}")
        statements.append(_branch(scanner) if _IF.match(scanner.text, scanner.position) else _plugin(scanner))
        scanner.skip_blank()
    return tuple(statements)


def _branch(scanner: Scanner) -> Branch:
    place = scanner.place()
    scanner.accept("if")
    cases = [_case(scanner)]
    otherwise: tuple[Statement, ...] = ()
    while True:
        before = scanner.position
        scanner.skip_blank()
        if not scanner.accept("else"):
            scanner.position = before
            break
        scanner.skip_blank()
        if scanner.accept("if"):
            cases.append(_case(scanner))
            continue
        scanner.expect("{", "or 'if' after 'else'")
        otherwise = _statements(scanner, "an else branch")
        break
    return Branch(tuple(cases), otherwise, place)


def _case(scanner: Scanner) -> tuple[Condition, tuple[Statement, ...]]:
    scanner.skip_blank()
    condition = parse_condition(scanner)
    scanner.skip_blank()
    scanner.expect("{", "or an operator (==, !=, <, >, <=, >=, =~, !~, in, not in, and, or, xor, nand)")
    return condition, _statements(scanner, "a branch")


def _plugin(scanner: Scanner) -> Plugin:
    place = scanner.place()
    name = _name(scanner, "a plugin's name")
    scanner.skip_blank()
    scanner.expect("{", f"after the plugin's name {name!r}")
    attributes: list[Attribute] = []
    separated = True
    scanner.skip_blank()
    while not scanner.accept("}"):
        if not separated:
            scanner.fail("expected whitespace or '}' after the value of an option")
        attributes.append(_attribute(scanner, name))
        separated = scanner.skip_blank()
    return Plugin(name, tuple(attributes), place)


def _name(scanner: Scanner, what: str) -> str:
    if scanner.looking_at('"') or scanner.looking_at("'"):
        start = scanner.position
        parse_text(scanner)
        return scanner.text[start : scanner.position]  # quotes belong to the name, so that it is never found
    name = scanner.match(_NAME)
    if name is None:
        scanner.fail(f"expected {what}")
    return name[0]


def _attribute(scanner: Scanner, plugin: str) -> Attribute:
    place = scanner.place()
    name = _name(scanner, f"the name of an option or '}}' in {plugin!r}")
    scanner.skip_blank()
    scanner.expect("=>", f"after the option {name!r}")
    scanner.skip_blank()
    return Attribute(name.strip("\"'"), _value(scanner), place)


def _value(scanner: Scanner) -> Value:
    place = scanner.place()
    if scanner.accept("["):
        return Array(_items(scanner), place)
    if scanner.accept("{"):
        return Hash(_entries(scanner), place)
    codec = _codec(scanner)
    if codec is not None:
        return codec
    value = parse_text(scanner) or parse_number(scanner)
    if value is None:
        scanner.fail("expected a value (a string, a bareword of two characters or more, a number, [...] or {...})")
    return value


def _codec(scanner: Scanner) -> Plugin | None:
    """A plugin as a value: ``codec => json { }``."""
    before = scanner.position
    if scanner.match(_NAME):
        scanner.skip_blank()
        found = scanner.looking_at("{")
        scanner.position = before
        if found:
            return _plugin(scanner)
    return None


def _items(scanner: Scanner) -> tuple[Value, ...]:
    items: list[Value] = []
    scanner.skip_blank()
    if scanner.accept("]"):
        return ()
    while True:
        items.append(_value(scanner))
        scanner.skip_blank()
        if scanner.accept("]"):
            return tuple(items)
        scanner.expect(",", "or ']' in a list")
        scanner.skip_blank()


def _entries(scanner: Scanner) -> tuple[tuple[Text | Number, Value], ...]:
    entries: list[tuple[Text | Number, Value]] = []
    scanner.skip_blank()
    while not scanner.accept("}"):
        if scanner.looking_at(","):
            scanner.fail("expected the next key or '}' (entries of a hash are separated by whitespace, not by commas)")
        key = parse_text(scanner) or parse_number(scanner)
        if key is None:
            scanner.fail("expected a key (a string, a bareword of two characters or more, a number) or '}' in a hash")
        scanner.skip_blank()
        scanner.expect("=>", f"after the key {key.text if isinstance(key, Text) else key.number!r}")
        scanner.skip_blank()
        entries.append((key, _value(scanner)))
        scanner.skip_blank()
    return tuple(entries)
