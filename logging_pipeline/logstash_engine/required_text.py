"""The text that everything which a regular expression matches must have."""

from __future__ import annotations

import re

__all__ = ["required_text"]

_PART = re.compile(r"\\.|\[(?:\\.|[^\]\\])+\]|\(\?(?::|P<\w+>)|\(\?.|\(|[)|]|[*+?]|\{[^}]*\}|.", re.DOTALL)
_OPTIONAL = ("*", "?")


def required_text(pattern: str) -> str:
    """
    The longest text that surely stands in every match of *pattern*, empty if none is found.

    Looks at what stands outside of alternatives and optional parts; it may miss some, but what it finds is needed.
    """
    if "(?i" in pattern:
        return ""
    runs, _position = _runs(_PART.findall(pattern), 0)
    return max(runs or [""], key=len)


def _runs(parts: list[str], position: int) -> tuple[list[str] | None, int]:
    """The required texts up to a closing parenthesis, None if there are alternatives; and where it stands."""
    runs = [""]
    alternatives = False
    while position < len(parts) and parts[position] != ")":
        part = parts[position]
        if part == "|":
            alternatives = True
        elif part.startswith("("):
            inner, position = _runs(parts, position + 1)
            optional = _is_optional(parts, position + 1)
            if (inner and not optional and part in ("(", "(?:")) or (
                inner and part.startswith("(?P<") and not optional
            ):
                runs += inner
            runs.append("")
        elif _is_literal(part):
            if _is_optional(parts, position + 1):
                runs.append("")
            elif position + 1 < len(parts) and parts[position + 1] == "+":
                runs[-1] += part[-1]
                runs.append("")
            else:
                runs[-1] += part[-1]
        else:
            runs.append("")
        position += 1
    return (None if alternatives else runs), position


def _is_literal(part: str) -> bool:
    return (len(part) == 1 and part not in ".^$*+?|)") or (len(part) == 2 and part[0] == "\\" and not part[1].isalnum())


def _is_optional(parts: list[str], position: int) -> bool:
    return position < len(parts) and (parts[position] in _OPTIONAL or parts[position].startswith("{"))
