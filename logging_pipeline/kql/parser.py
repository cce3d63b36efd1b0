"""From the text of a query to its syntax tree: recursive descent, after the grammar that Kibana documents."""

from __future__ import annotations

from collections.abc import Callable

from logging_pipeline.errors import KqlError
from logging_pipeline.kql.options import Limits
from logging_pipeline.kql.scanner import Scanner
from logging_pipeline.kql.syntax import And, Is, Literal, Nested, Node, Not, Or, Pattern, Range

__all__ = ["Parser", "parse"]

_OPERATORS = ("<=", ">=", "<", ">")
_JOINED = ("`and`", "`or`")
_NO_OPERAND = frozenset(("", ")", "}", "{", ":", "<", ">"))  # the end, and what an operand cannot begin with


def parse(text: str, limits: Limits = Limits(), *, words: bool = False) -> Node:  # noqa: B008  # frozen
    """
    Read a query in Kibana's query language; an empty one means every event.

    With *words*, as in a search box, ``and`` may be left out where a quotation mark or a parenthesis parts two
    operands: ``declined "card expired"``.

    Raises:
        KqlError: it is not in the language, or larger than *limits*; with its place.
    """
    if len(text) > limits.max_chars:
        raise KqlError(
            f"the query has {len(text):,} characters, {limits.max_chars:,} are allowed. Ask for less at once"
        )
    return Parser(Scanner(text), limits.max_depth, words=words).query()


class Parser:
    """One method for each rule; each leaves the scanner behind what it has read."""

    def __init__(self, scanner: Scanner, max_depth: int, *, words: bool = False) -> None:
        self.scanner = scanner
        self.max_depth = max_depth
        self.words = words
        self._depth = 0

    def query(self) -> Node:
        """The whole text."""
        scanner = self.scanner
        scanner.blanks()
        if scanner.position == scanner.end:
            return Is(Pattern(("", "")), Pattern(("", "")))
        node = self._or(self._operand)
        scanner.blanks()
        if scanner.position < scanner.end:
            raise self._unexpected(("the end of the query",))
        return node

    def _or(self, operand: Callable[[], Node]) -> Node:
        nodes = [self._and(operand)]
        while self.scanner.join("or"):
            nodes.append(self._and(operand))
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def _and(self, operand: Callable[[], Node]) -> Node:
        nodes = [self._not(operand)]
        while self.scanner.join("and") or (operand == self._operand and self._side_by_side()):
            nodes.append(self._not(operand))
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def _side_by_side(self) -> bool:
        """Whether another operand comes without ``and``, in a search box."""
        scanner = self.scanner
        if not self.words or scanner.at_join("or"):
            return False
        scanner.blanks()
        return scanner.next not in _NO_OPERAND and not scanner.at_negation()

    def _not(self, operand: Callable[[], Node]) -> Node:
        if not self.scanner.negation():
            return operand()
        if self.scanner.at_negation():
            raise self.scanner.here().error("`not` twice. Write not (not …), or neither")
        return Not(operand())

    def _operand(self) -> Node:
        scanner = self.scanner
        if scanner.next == "(":
            return self._enclosed(")", lambda: self._or(self._operand))
        name = scanner.literal()
        if name is None:
            raise self._missing("a field, a value or (")
        after_name = scanner.position
        scanner.blanks()
        if scanner.takes(":"):
            scanner.blanks()
            return self._nested(name) if scanner.next == "{" else self._value(name)
        for operator in _OPERATORS:
            if scanner.takes(operator):
                scanner.blanks()
                return self._range(name, operator)
        scanner.position = after_name
        return Is(None, name)

    def _nested(self, path: Literal | Pattern) -> Node:
        if isinstance(path, Pattern):
            raise path.place.error("what stands before { is one name, without wildcards")
        return Nested(path, self._enclosed("}", lambda: self._or(self._operand)))

    def _value(self, name: Literal | Pattern) -> Node:
        """What stands after the colon: one value, or a group of them."""
        scanner = self.scanner
        if scanner.next == "(":
            return self._enclosed(")", lambda: self._or(lambda: self._value(name)))
        value = scanner.literal()
        if value is None:
            raise self._missing("a value or (")
        return Is(name, value)

    def _range(self, name: Literal | Pattern, operator: str) -> Node:
        value = self.scanner.literal()
        if value is None:
            raise self._missing("a value")
        if isinstance(value, Pattern):
            raise value.place.error(
                f"a range has no wildcards. Put the value in quotes if its * is meant: {operator} …"
            )
        return Range(name, operator, value)  # type: ignore[arg-type]  # one of _OPERATORS

    def _enclosed(self, closing: str, inner: Callable[[], Node]) -> Node:
        scanner = self.scanner
        opened = scanner.here()
        if self._depth == self.max_depth:
            raise opened.error(f"more than {self.max_depth} parentheses inside each other. Write it flatter")
        self._depth += 1
        scanner.position += 1
        scanner.blanks()
        node = inner()
        scanner.blanks()
        if scanner.position == scanner.end:
            raise opened.error(f"{opened.text[opened.offset]} is never closed", (closing,))
        if not scanner.takes(closing):
            raise self._unexpected((closing,))
        self._depth -= 1
        return node

    def _missing(self, expected: str) -> KqlError:
        """The error where an operand should begin."""
        scanner = self.scanner
        here = scanner.here()
        if scanner.position == scanner.end:
            return here.error("the query ends too early", (expected,))
        if scanner.at_negation():
            return here.error("`not` belongs before the field, or into parentheses: not field:x, field:(not x)")
        if scanner.next in "<>":
            return here.error("write a range without a colon: field >= 5", (expected,))
        return here.error(f"{scanner.next!r} cannot stand here", (expected,))

    def _unexpected(self, expected: tuple[str, ...]) -> KqlError:
        """The error where an operand has ended and neither a join nor *expected* comes."""
        scanner = self.scanner
        place, found = scanner.here(), scanner.next
        if found == ":":
            problem = "a second colon. Put a value that holds one in quotes, or write `and` before the next field"
        elif found in "<>":
            problem = f"{found!r} cannot stand here. Put a value that holds one in quotes"
        elif found in ")}":
            problem = f"{found} was never opened"
        elif scanner.at_negation():
            problem = "`not` without `and` or `or` before it. Put a value that holds the word in quotes"
        else:
            problem = f"{found!r} cannot stand here. White space stands on both sides of `and` and `or`"
        return place.error(problem, (*_JOINED, *expected))
