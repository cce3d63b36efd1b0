"""Reads a regular expression in Oniguruma's syntax (as Ruby sets it) into a tree."""

from __future__ import annotations

import re
from typing import Literal, NoReturn, cast

from logging_pipeline.logstash_engine.regexes.charsets import CLASSES, escape
from logging_pipeline.logstash_engine.regexes.escapes import read_char, read_property
from logging_pipeline.logstash_engine.regexes.sets import read_set
from logging_pipeline.logstash_engine.regexes.source import RegexError, Source
from logging_pipeline.logstash_engine.regexes.tree import (
    Alternation,
    Assertion,
    Characters,
    Group,
    Node,
    Reference,
    Repeat,
    Sequence,
    Tree,
)

__all__ = ["parse_regex"]

_NAMED = re.compile(r"\(\?(?:<(?![=!])([^>]*)>|'([^']*)')")
_OPTIONS = re.compile(r"\?([imxadlu]*)(?:-([imx]*))?([:)])")
_INTERVAL = re.compile(r"\{(\d*)(,?)(\d*)\}")
_CALL = re.compile(r"<([^>]*)>|'([^']*)'")
_LOOKS = ("?=", "?!", "?<=", "?<!")
_ANCHORS = {
    "A": r"\A",
    "z": r"\Z",
    "Z": r"(?=\n?\Z)",
    "b": r"\b",
    "B": r"\B",
    "G": r"\A",  # where the search began
}
_COMPLEMENTS = {"S": r"[^\t-\r ]", "D": "[^0-9]"}  # the same as their classes, and several times as fast in `re`
_MAX_GROUPS = 2000


def parse_regex(pattern: str, *, dotall: bool = False) -> Tree:
    """
    Parse *pattern*; *dotall* lets the dot match a line end, as ``(?m)`` does.

    Raises:
        RegexError: it is not a regular expression.
    """
    return _Parser(pattern, dotall=dotall).parse()


class _Parser:
    def __init__(self, pattern: str, *, dotall: bool) -> None:
        self.source = Source(pattern)
        self.dotall = dotall
        self.extended = False
        self.names: list[str | None] = []
        found = [match[1] if match[1] is not None else match[2] for match in _NAMED.finditer(pattern)]
        self.has_names = bool(found)  # then a plain group does not capture
        self.depth = 0

    def parse(self) -> Tree:
        root = self._alternation()
        if not self.source.at_end():
            self._fail("unmatched close parenthesis")
        return Tree(root, self.names)

    def _fail(self, problem: str) -> NoReturn:
        raise RegexError(f"{problem}: /{self.source.text}/")

    def _alternation(self) -> Node:
        """Branches up to a closing parenthesis or the end; options set inside end with it."""
        dotall, extended = self.dotall, self.extended
        branches: list[Node] = [self._sequence()]
        while self.source.accept("|"):
            branches.append(self._sequence())
        self.dotall, self.extended = dotall, extended
        return branches[0] if len(branches) == 1 else Alternation(branches)

    def _sequence(self) -> Sequence:
        sequence = Sequence([])
        source = self.source
        while not source.at_end() and source.peek() not in "|)":
            if self.extended and self._skip_extended():
                continue
            atom = self._atom()
            if atom is not None:
                sequence.items.append(self._repeated(atom))
        return sequence

    def _skip_extended(self) -> bool:
        char = self.source.peek()
        if char in " \t\r\n\f\v":
            self.source.take()
        elif char == "#":
            while not self.source.at_end() and self.source.take() != "\n":
                pass
        else:
            return False
        return True

    def _atom(self) -> Node | None:
        char = self.source.take()
        if char == "(":
            return self._group()
        if char == "[":
            inside, needs_regex = read_set(self.source)
            return Characters(inside, needs_regex)
        if char == "\\":
            return self._escaped()
        if char == ".":
            return Characters("(?s:.)" if self.dotall else ".")
        if char == "^":
            return Assertion("^" if not self._ends_here() else r"^(?!(?<=\n)\Z)")
        if char == "$":
            return Assertion("$")
        if char in "*+?":
            self._fail("target of repeat operator is not specified")
        return Characters(escape(char))

    def _ends_here(self) -> bool:
        return self.source.at_end() or self.source.peek() in "|)$"

    def _repeated(self, atom: Node) -> Node:
        """*atom* with the quantifiers that follow; several of them nest."""
        while True:
            interval = self.source.match(_INTERVAL)
            if interval is not None and (interval[1] or interval[3]):
                least = int(interval[1] or 0)
                most = int(interval[3]) if interval[3] else None if interval[2] else least
                mode = "?" if self.source.accept("?") else ""
                atom = Repeat(atom, least, most, cast('Literal["", "?", "+"]', mode))
            elif interval is not None:
                self.source.position -= len(interval[0])
                return atom
            elif not self.source.at_end() and self.source.peek() in "*+?":
                least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[self.source.take()]
                mode = "?" if self.source.accept("?") else "+" if self.source.accept("+") else ""
                atom = Repeat(atom, least, most, cast('Literal["", "?", "+"]', mode))
            else:
                return atom

    def _group(self) -> Node | None:
        source = self.source
        if source.accept("?#"):
            while source.peek() != ")":
                source.take()
            source.take()
            return None
        options = source.match(_OPTIONS)
        if options is not None:
            return self._options(options)
        if source.accept("?>"):
            return Group(self._closed(), prefix="?>")
        for look in _LOOKS:
            if source.accept(look):
                return Assertion(look, self._closed())
        if source.peek() == "?" and _NAMED.match(source.text, source.position - 1):
            name = source.match(_CALL, skip=1)
            return self._capture((name[1] if name[1] is not None else name[2]) if name else "")
        if source.peek() == "?":
            self._fail("undefined group option")
        if self.has_names:
            return Group(self._closed())
        return self._capture(None)

    def _capture(self, name: str | None) -> Group:
        if name == "":
            self._fail("group name is empty")
        if name is not None and name[0].isdigit():
            self._fail(f"invalid group name <{name}>")
        if len(self.names) >= _MAX_GROUPS:
            self._fail("too many groups")
        self.names.append(name)
        number = len(self.names)
        return Group(self._closed(), number)

    def _options(self, options: re.Match[str]) -> Node:
        on, off, end = options[1], options[2] or "", options[3]
        if "u" in on:
            self._fail("the option u is not supported; write \\p{Word}, \\p{Digit} or \\p{Space}")
        dotall, extended = self.dotall, self.extended
        self.dotall = ("m" in on or self.dotall) and "m" not in off
        self.extended = ("x" in on or self.extended) and "x" not in off
        case = "i" if "i" in on else "-i" if "i" in off else ""
        prefix = f"?{case}:"
        if end == ")":  # the rest of the enclosing group, its other branches included
            return Group(self._rest(), prefix=prefix)
        body = self._closed()
        self.dotall, self.extended = dotall, extended
        return Group(body, prefix=prefix)

    def _rest(self) -> Node:
        branches: list[Node] = [self._sequence()]
        while self.source.accept("|"):
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else Alternation(branches)

    def _closed(self) -> Node:
        self.depth += 1
        if self.depth > 100:
            self._fail("groups are nested too deep")
        body = self._alternation()
        if not self.source.accept(")"):
            self._fail("end pattern with unmatched parenthesis")
        self.depth -= 1
        return body

    def _escaped(self) -> Node:
        source = self.source
        if source.at_end():
            self._fail("too short escape sequence")
        char = source.peek()
        if char in CLASSES:
            source.take()
            return Characters(_COMPLEMENTS.get(char, f"[{CLASSES[char]}]"))
        if char in _ANCHORS:
            source.take()
            return Assertion(_ANCHORS[char])
        if char in "pP":
            return Characters(f"[{read_property(source)}]", needs_regex=True)
        if char == "R":
            source.take()
            return Group(self._line_break())
        if char in "XK":
            source.take()
            return Characters(r"\X", needs_regex=True) if char == "X" else Assertion(r"\K", needs_regex=True)
        if char in "kg":
            return self._reference()
        if char.isdigit() and char != "0":
            if self.has_names:
                self._fail("numbered backref/call is not allowed where groups have names (use name)")
            number = source.match(re.compile(r"\d+"))
            if number is not None and (int(number[0]) <= len(self.names) or int(number[0]) < 10):
                return Reference((int(number[0]),))
            source.position -= len(number[0]) if number else 0
        return Characters(escape(read_char(source)))

    def _line_break(self) -> Node:
        inner = _Parser(r"\r\n|[\n\x0b\x0c\r\u0085\u2028\u2029]", dotall=False)
        return inner.parse().root

    def _reference(self) -> Node:
        call = self.source.take() == "g"
        match = self.source.match(_CALL)
        if match is None:
            return Characters("g" if call else "k")
        name = match[1] if match[1] is not None else match[2]
        if re.fullmatch(r"[+-]?\d+", name):
            if self.has_names:
                self._fail("numbered backref/call is not allowed where groups have names (use name)")
            number = int(name)
            groups: tuple[int, ...] = (number if number >= 0 and name[0] != "+" else len(self.names) + 1 + number,)
        else:
            groups = tuple(index for index, other in enumerate(self.names, 1) if other == name)
            if call and not groups:
                groups = self._ahead(name)
        if not groups:
            self._fail(f"undefined name <{name}> reference")
        return Reference(groups, call)

    def _ahead(self, name: str) -> tuple[int, ...]:
        """The number that a group called *name*, further on in the pattern, is going to have."""
        found = [match[1] if match[1] is not None else match[2] for match in _NAMED.finditer(self.source.text)]
        return (found.index(name) + 1,) if name in found else ()
