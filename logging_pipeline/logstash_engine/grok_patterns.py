"""Grok's pattern library: files of ``NAME expression`` lines, and the expansion of ``%{NAME:field:type}``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

__all__ = ["PatternError", "Patterns", "expand", "read_patterns", "stock_patterns"]

_STOCK = Path(__file__).parent / "patterns"
_USE = re.compile(
    r"%\{(?P<name>(?P<pattern>[A-z0-9]+)(?::(?P<field>[@\[\]A-z0-9_:.-]+))?)(?:=(?P<definition>[^{}]*))?[^}]*\}"
)
_PART = re.compile(r"%\{([a-z]\w*)\}")
_MAX_USES = 10_000  # more of them mean that a pattern uses itself


class PatternError(ValueError):
    """A pattern is not defined, or uses itself."""


@lru_cache(maxsize=2)
def stock_patterns(*, ecs: bool) -> Patterns:
    """
    The patterns that come with grok: those with ECS field names, or those from before.

    The files also define parts, with names in small letters, which are put in here: only what is in capitals is grok's
    interface, and only that may become a field where captures need no name.
    """
    written: dict[str, str] = {}
    for folder in ("shared", "ecs-v1" if ecs else "legacy"):
        for file in sorted((_STOCK / folder).iterdir()):
            written.update(read_patterns(file))
    return Patterns(written, {})


class Patterns(Mapping[str, str]):
    """What is in capitals in *stock*, its parts put in when it is asked for (few ever are); what is in *own* first."""

    def __init__(self, stock: Mapping[str, str], own: Mapping[str, str]) -> None:
        self._stock, self._own = stock, own

    def with_own(self, own: Mapping[str, str]) -> Patterns:
        """The same stock, with a user's *own* patterns before it."""
        return Patterns(self._stock, own)

    def __getitem__(self, name: str) -> str:
        if name in self._own:
            return self._own[name]
        if not name.isupper():
            raise KeyError(name)
        return self._with_parts(self._stock[name])

    def _with_parts(self, expression: str) -> str:
        return _PART.sub(lambda use: f"(?:{self._with_parts(self._stock[use[1]])})", expression)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._own, *filter(str.isupper, self._stock)]))

    def __len__(self) -> int:
        return sum(1 for _name in self)


def read_patterns(file: Path) -> dict[str, str]:
    """The patterns in *file*; raises OSError."""
    patterns: dict[str, str] = {}
    for line in file.read_text("utf-8").splitlines():
        name, _, pattern = line.strip().partition(" ")
        if pattern and not name.startswith("#"):
            patterns[name] = pattern.strip()
    return patterns


def expand(expression: str, patterns: Mapping[str, str], *, named_only: bool = True) -> str:
    """
    *expression* with every ``%{...}`` replaced by a group; the group's name is all that stood in the braces.

    Raises:
        PatternError: a pattern is not defined, or uses itself.
    """
    defined: dict[str, str] = {}
    for _ in range(_MAX_USES):
        use = _USE.search(expression)
        if use is None:
            return expression
        if use["definition"] is not None:
            defined[use["pattern"]] = use["definition"]
        body = defined.get(use["pattern"], patterns.get(use["pattern"]))
        if body is None:
            close = get_close_matches(use["pattern"], [*patterns, *defined], n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise PatternError(f"the pattern {use['pattern']!r} is not defined{hint}")
        opening = "(?:" if named_only and use["field"] is None else f"(?<{use['name']}>"
        expression = f"{expression[: use.start()]}{opening}{body}){expression[use.end() :]}"
    raise PatternError("a pattern uses itself")
