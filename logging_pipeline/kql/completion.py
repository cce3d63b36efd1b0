"""What could be written next: fields, operators, keywords. Values of most fields are the caller's to know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal as OneOf

from logging_pipeline.contract import Contract, Field
from logging_pipeline.errors import KqlError
from logging_pipeline.kql.scanner import Scanner
from logging_pipeline.kql.syntax import BLANKS, Literal, Pattern

__all__ = ["Completion", "Suggestion", "complete"]

MAX_SUGGESTIONS = 50
_REST_OF_WORD = re.compile(r'[^\\():<>"*{} \t\r\n\u00a0]*')
_JOINS = (("and", "both"), ("or", "one of them"))
_ORDERED = frozenset({"long", "double", "date", "date_nanos", "ip", "keyword", "flattened"})
_OPERATORS = ((":", "is"), (">=", "at least"), (">", "more than"), ("<=", "at most"), ("<", "less than"))
_SIGNS = tuple(sign for sign, _ in _OPERATORS)  # longer ones first
_ANY = (("*", "any value"),)
_DATES = (("now-15m", "15 minutes ago"), ("now-1h", "an hour ago"), ("now/d", "today"), ("now-7d", "a week ago"))
_VALUES = {
    "boolean": (("true", ""), ("false", "")),
    "date": _DATES,
    "date_nanos": _DATES,
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """*text* to be put in the place that the completion names, and what it means."""

    kind: OneOf["field", "operator", "value", "keyword"]
    text: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Completion:
    """
    What could stand between *start* and *end* (characters from 0) of the text.

    Args:
        field: whose values could stand there as well, empty when none; the caller finds those that begin with *typed*
            and writes them with `logging_pipeline.kql.spelled`.
        typed: what stands there up to the cursor, without quotation mark.
    """

    start: int
    end: int
    suggestions: tuple[Suggestion, ...] = ()
    field: str = ""
    typed: str = ""


def complete(text: str, position: int, contract: Contract) -> Completion:
    """What could be written at *position* of *text*; no suggestions where nothing can, or after an error."""
    position = max(0, min(position, len(text)))
    rest = _REST_OF_WORD.match(text, position)
    end = rest.end() if rest else position
    try:
        found = _Reader(text[:position], contract).read()
    except KqlError as error:
        found = Completion(error.offset, position) if error.offset < position else None
    return replace(found, end=end) if found else Completion(position, end)


class _Reader:
    """Follows the grammar to the end of the text, remembering only what encloses it."""

    def __init__(self, text: str, contract: Contract) -> None:
        self._scanner = Scanner(text)
        self._contract = contract
        self._path = ""  # of the braces around
        self._field = ""  # of the group of values around
        self._ranged = False  # the value belongs to a range
        self._around: list[tuple[str, str]] = []

    def read(self) -> Completion | None:
        scanner = self._scanner
        while True:
            scanner.blanks()
            while scanner.negation():
                pass
            if scanner.position == scanner.end:
                return self._operand(scanner.position, "")
            if scanner.takes("("):
                self._enter(self._path, self._field)
            else:
                found = self._leaf()
                if found is not None:
                    return found
            if scanner.position and scanner.text[scanner.position - 1] in "({":
                continue
            after = self._after()
            if after is not None:
                return after
            if not (scanner.join("and") or scanner.join("or") or self._side_by_side()):
                return None

    def _side_by_side(self) -> bool:
        """Whether an operand follows a quotation mark, as it may in a search box."""
        scanner = self._scanner
        scanner.blanks()
        quoted = scanner.text[: scanner.position].rstrip(BLANKS).endswith('"')
        return scanner.position < scanner.end and (quoted or scanner.next == '"')

    def _enter(self, path: str, field: str) -> None:
        self._around.append((self._path, self._field))
        self._path, self._field = path, field

    def _leaf(self) -> Completion | None:
        """A field with its value, or a value; a completion when the text ends in it."""
        scanner, start = self._scanner, self._scanner.position
        name = self._literal(self._field)
        if isinstance(name, Completion):
            return name
        if scanner.position == scanner.end and scanner.text[-1] != '"':
            return self._typed(self._field, start, name) if self._field else self._name(start, name)
        after_name = scanner.position
        scanner.blanks()
        sign = "" if self._field else next((sign for sign in _SIGNS if scanner.takes(sign)), "")
        if not sign:
            scanner.position = after_name
            return None
        self._ranged = sign != ":"
        field = self._path + _text(name)
        scanner.blanks()
        if scanner.takes("{"):
            self._enter(f"{field}.", "")
            return None
        if scanner.takes("("):
            self._enter(self._path, field)
            return None
        start = scanner.position
        if start == scanner.end:
            return self._values(field, start, "")
        value = self._literal(field)
        if isinstance(value, Completion):
            return value
        if scanner.position == scanner.end and scanner.text[-1] != '"':
            return self._typed(field, start, value)
        return None

    def _literal(self, field: str) -> Literal | Pattern | Completion:
        scanner, start = self._scanner, self._scanner.position
        try:
            literal = scanner.literal()
        except KqlError:
            if field and scanner.text[start : start + 1] == '"':
                return self._values(field, start, scanner.text[start + 1 :])
            raise
        if literal is None:
            raise scanner.here().error("nothing that could be completed")
        return literal

    def _after(self) -> Completion | None:
        """Closing marks; a completion when the text ends behind an operand."""
        scanner = self._scanner
        while True:
            before = scanner.position
            scanner.blanks()
            if scanner.position == scanner.end:
                return Completion(scanner.end, scanner.end, _joins(scanner.text))
            if not self._around or not (scanner.takes(")") or scanner.takes("}")):
                scanner.position = before
                return None
            self._path, self._field = self._around.pop()

    def _operand(self, start: int, typed: str) -> Completion:
        if self._field:
            return self._values(self._field, start, typed)
        negation = (Suggestion("keyword", "not ", "the opposite"),) if "not".startswith(typed.lower()) else ()
        return Completion(start, start, (*self._fields(typed), *negation), typed=typed)

    def _name(self, start: int, name: Literal | Pattern) -> Completion:
        """A first word: perhaps the beginning of a field's name, perhaps the whole."""
        text, typed = self._scanner.text, _text(name)
        known = self._contract.fields.get(self._path + typed)
        if text[-1] in BLANKS:
            return Completion(len(text), len(text), (*_operators(known), *_joins(text)))
        if known and not any(name.startswith(f"{known.name}.") for name in self._contract.fields):
            return Completion(len(text), len(text), _operators(known), typed=typed)
        return self._operand(start, typed)

    def _typed(self, field: str, start: int, value: Literal | Pattern) -> Completion:
        text = self._scanner.text
        if text[-1] in BLANKS:
            return Completion(len(text), len(text), _joins(text))
        return self._values(field, start, _text(value))

    def _values(self, field: str, start: int, typed: str) -> Completion:
        known = self._contract.fields.get(field)
        every = (*_VALUES.get(known.type if known else "", ()), *(() if self._ranged else _ANY))
        suggestions = tuple(Suggestion("value", t, meaning) for t, meaning in every if t.startswith(typed))
        return Completion(start, start, suggestions, field, typed)

    def _fields(self, typed: str) -> Iterator[Suggestion]:
        """Those whose name below the path begins with *typed*, then those that have it anywhere."""
        wanted = typed.lower()
        below = {n[len(self._path) :]: f for n, f in self._contract.fields.items() if n.startswith(self._path)}
        found = sorted((not name.startswith(wanted), name) for name in below if wanted in name)
        for _, name in found[:MAX_SUGGESTIONS]:
            yield Suggestion("field", name, below[name].description)


def _text(literal: Literal | Pattern) -> str:
    return literal.text if isinstance(literal, Literal) else "*".join(literal.parts)


def _operators(field: Field | None) -> tuple[Suggestion, ...]:
    if field is None:
        return ()
    count = len(_OPERATORS) if field.type in _ORDERED else 1
    return tuple(
        Suggestion("operator", f"{sign} " if sign == ":" else f" {sign} ", m) for sign, m in _OPERATORS[:count]
    )


def _joins(text: str) -> tuple[Suggestion, ...]:
    blank = "" if text[-1] in BLANKS else " "
    return tuple(Suggestion("keyword", f"{blank}{word} ", meaning) for word, meaning in _JOINS)
