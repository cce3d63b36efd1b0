"""
Runs regular expressions within bounds.

Python's `re` is the faster engine and cannot be stopped; the `regex` package takes a deadline. A pattern runs on `re`
as long as the text is so short that even a hostile one is done in time, and on `regex` with a deadline beyond that.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from logging_pipeline.logstash_engine.regexes.cost import Cost, ExponentialError, start
from logging_pipeline.logstash_engine.regexes.empty_matches import may_prefer_nothing
from logging_pipeline.logstash_engine.regexes.endings import with_quick_ending
from logging_pipeline.logstash_engine.regexes.parser import parse_regex
from logging_pipeline.logstash_engine.regexes.remembering import remembering
from logging_pipeline.logstash_engine.regexes.source import RegexError
from logging_pipeline.logstash_engine.regexes.tree import Tree
from logging_pipeline.logstash_engine.regexes.writer import needs_regex, write

__all__ = ["DEADLINE_S", "Regex", "RegexError", "RegexTimeout", "compile_regex"]

DEADLINE_S = 2.0  # outside grok, where Logstash itself sets none
_TRUSTED_S = 2.0  # a text that is done within this, by the estimate, is left to `re`
_STEPS_PER_SECOND = 30_000_000
_LONG = 32_768  # characters; beyond it even a pattern without undecided loops may search for too long

_Match = re.Match[str]


class RegexTimeout(Exception):
    """A text took longer than the deadline."""


class Regex:
    """
    A compiled regular expression.

    Attributes:
        pattern: as it was written.
        names: the name of each capturing group, None for those without; the first is group 1.

    Every method raises RegexTimeout where the deadline passes.
    """

    __slots__ = (
        "_anchored",
        "_budget",
        "_fast",
        "_prefers_nothing",
        "_search_fast",
        "_short",
        "_slow",
        "_source",
        "_steps",
        "_timeout",
        "names",
        "pattern",
    )

    def __init__(self, pattern: str, tree: Tree, timeout_s: float | None) -> None:
        self.pattern = pattern
        self.names = tree.names
        self._anchored = bool(start(tree.root))
        self._prefers_nothing = may_prefer_nothing(tree.root)
        self._timeout = timeout_s
        plain = not needs_regex(tree.root)
        self._source = write(with_quick_ending(tree.root) if plain else tree.root)
        self._slow: Any = None
        self._fast = _compile_fast(self._source) if plain else None
        self._budget = int(min(timeout_s or _TRUSTED_S, _TRUSTED_S) * _STEPS_PER_SECOND)
        self._short = -1  # texts up to this length run on `re` without a look at what is in them
        self._steps: Callable[[str], int] | None = None
        if self._fast is None:
            self._stoppable()
            return
        self._search_fast = _searching(self._fast, start(tree.root))
        try:
            cost = Cost(tree.root)
        except ExponentialError:
            return
        self._steps = cost.counter()
        self._short = _short_length(cost, self._budget)

    def _is_safe(self, text: str) -> bool:
        """Whether `re` is done with *text* in time."""
        length = len(text)
        return length <= self._short or (
            self._steps is not None and length <= _LONG and self._steps(text) <= self._budget
        )

    def _stoppable(self) -> Any:
        """The pattern on the engine that takes a deadline; compiled when the first doubtful text comes."""
        if self._slow is None:
            self._slow = _compile_slow(self._source, self.pattern)
        return self._slow

    def search(self, text: str) -> _Match | None:
        """The first match in *text*, or None."""
        if len(text) <= self._short or self._is_safe(text):
            return self._search_fast(text)
        try:
            return self._stoppable().search(text, timeout=self._timeout)  # type: ignore[no-any-return]
        except TimeoutError:
            raise RegexTimeout(self.pattern) from None

    def searcher(self) -> Callable[[str], _Match | None]:
        """The same as a function, for what runs with every event: it calls less."""
        steps = self._steps
        if steps is None:
            return self.search
        short, budget, search_fast, search = self._short, self._budget, self._search_fast, self.search

        def search_quickly(text: str) -> _Match | None:
            length = len(text)
            if length <= short or (length <= _LONG and steps(text) <= budget):
                return search_fast(text)
            return search(text)

        return search_quickly

    def matcher(self) -> Callable[[str], bool]:
        """A function that tells whether a text has a match."""
        search = self.search

        def matches(text: str) -> bool:
            return search(text) is not None

        return matches if self._anchored else remembering(matches)  # one that looks at one place alone is as quick

    def finditer(self, text: str) -> Iterator[_Match]:
        """Every match, from left to right."""
        if self._is_safe(text):
            yield from self._fast.finditer(text)  # type: ignore[union-attr]
            return
        try:
            yield from self._stoppable().finditer(text, timeout=self._timeout)
        except TimeoutError:
            raise RegexTimeout(self.pattern) from None

    def sub(self, replacement: str | Callable[[_Match], str], text: str) -> str:
        """Replace every match; text in *replacement* with no backslash is taken as it is."""
        if self._prefers_nothing:
            return self._sub_one_by_one(replacement, text)
        if len(text) <= self._short or self._is_safe(text):
            return self._fast.sub(replacement, text)  # type: ignore[union-attr]
        try:
            return self._stoppable().sub(replacement, text, timeout=self._timeout)  # type: ignore[no-any-return]
        except TimeoutError:
            raise RegexTimeout(self.pattern) from None

    def _sub_one_by_one(self, replacement: str | Callable[[_Match], str], text: str) -> str:
        """The same, with the next character's turn after an empty match, as Ruby has it."""
        fill = (lambda _match: replacement) if isinstance(replacement, str) else replacement
        parts: list[str] = []
        copied = position = 0
        while position <= len(text) and (match := self._search_from(text, position)) is not None:
            parts += [text[copied : match.start()], fill(match)]
            copied = match.end()
            position = copied + 1 if match.start() == copied else copied
        return "".join([*parts, text[copied:]])

    def _search_from(self, text: str, position: int) -> _Match | None:
        if self._is_safe(text):
            return self._fast.search(text, position)  # type: ignore[union-attr]
        try:
            return self._stoppable().search(text, position, timeout=self._timeout)  # type: ignore[no-any-return]
        except TimeoutError:
            raise RegexTimeout(self.pattern) from None

    def replacer(self, replacement: str) -> Callable[[str], str]:
        """A function that replaces every match in a text, as `sub` does."""
        if self._fast is None or self._prefers_nothing:
            return lambda text: self.sub(replacement, text)
        short, substitute = self._short, self._fast.sub
        return lambda text: substitute(replacement, text) if len(text) <= short else self.sub(replacement, text)

    def __repr__(self) -> str:
        return f"Regex({self.pattern!r})"


@lru_cache(maxsize=1024)
def compile_regex(pattern: str, *, dotall: bool = False, timeout_s: float | None = DEADLINE_S) -> Regex:
    """
    Compile *pattern*, which is in Oniguruma's syntax; *timeout_s* of None sets no deadline.

    Raises:
        RegexError: it is not a regular expression.
    """
    tree = parse_regex(pattern, dotall=dotall)
    try:
        return Regex(pattern, tree, timeout_s)
    except (re.error, RecursionError, OverflowError) as error:
        raise RegexError(f"{error}: /{pattern}/") from None


def _short_length(cost: Cost, budget: int) -> int:
    """The length up to which every text stays within *budget*."""
    length = _LONG
    while length and cost.at_worst(length) > budget:
        length = length * 3 // 4
    return length


def _compile_fast(source: str) -> re.Pattern[str] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile(source, re.MULTILINE)
    except re.error:  # a look-behind of several widths, for one, which `regex` can do
        return None


def _searching(regex: re.Pattern[str], anchor: str) -> Callable[[str], _Match | None]:
    """`search`, which tries every place of a text, or `match` where *anchor* lets a match begin at the first alone."""
    search, match = regex.search, regex.match
    if anchor == r"\A":
        return match
    if anchor == "^":
        return lambda text: search(text) if "\n" in text else match(text)
    return search


def _compile_slow(source: str, pattern: str) -> Any:
    import regex  # it takes a tenth of the start, and few pipelines need it for their first event

    try:
        return regex.compile(source, regex.MULTILINE | regex.VERSION1)
    except regex.error as error:
        raise RegexError(f"{error}: /{pattern}/") from None
