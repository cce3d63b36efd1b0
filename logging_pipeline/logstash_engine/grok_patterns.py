"""Grok's pattern library: files of ``NAME expression`` lines, and the expansion of ``%{NAME:field:type}``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

__all__ = ["PatternError", "expand", "read_patterns", "stock_patterns"]

_STOCK = Path(__file__).parent / "patterns"
_USE = re.compile(
    r"%\{(?P<name>(?P<pattern>[A-z0-9]+)(?::(?P<field>[@\[\]A-z0-9_:.-]+))?)(?:=(?P<definition>[^{}]*))?[^}]*\}"
)
_PART = re.compile(r"%\{([a-z]\w*)\}")
_MAX_USES = 10_000  # more of them mean that a pattern uses itself


class PatternError(ValueError):
    """A pattern is not defined, or uses itself."""


@lru_cache(maxsize=2)
def stock_patterns(*, ecs: bool) -> Mapping[str, str]:
    """
    The patterns that come with grok: those with ECS field names, or those from before.

    The files also define parts, with names in small letters, which are put in here: only what is in capitals is grok's
    interface, and only that may become a field where captures need no name.
    """
    patterns: dict[str, str] = {}
    for folder in ("shared", "ecs-v1" if ecs else "legacy"):
        for file in sorted((_STOCK / folder).iterdir()):
            patterns.update(read_patterns(file))

    def with_parts(expression: str) -> str:
        return _PART.sub(lambda use: f"(?:{with_parts(patterns[use[1]])})", expression)

    return {name: with_parts(expression) for name, expression in patterns.items() if name.isupper()}


def read_patterns(file: Path) -> dict[str, str]:
    """The patterns in *file*; raises OSError."""
    patterns: dict[str, str] = {}
    for line in file.read_text("utf-8").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _, pattern = line.strip().partition(" ")
        if pattern:
            patterns[name] = pattern.strip()
    return patterns


def expand(expression: str, patterns: Mapping[str, str], *, named_only: bool = True) -> str:
    """
    *expression* with every ``%{...}`` replaced by a group; the group's name is all that stood in the braces.

    Raises:
        PatternError: a pattern is not defined, or uses itself.
    """
    known = dict(patterns)
    for _ in range(_MAX_USES):
        use = _USE.search(expression)
        if use is None:
            return expression
        if use["definition"] is not None:
            known[use["pattern"]] = use["definition"]
        body = known.get(use["pattern"])
        if body is None:
            close = get_close_matches(use["pattern"], known, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise PatternError(f"the pattern {use['pattern']!r} is not defined{hint}")
        opening = "(?:" if named_only and use["field"] is None else f"(?<{use['name']}>"
        expression = f"{expression[: use.start()]}{opening}{body}){expression[use.end() :]}"
    raise PatternError("a pattern uses itself")
