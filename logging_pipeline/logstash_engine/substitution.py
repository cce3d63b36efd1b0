"""
Ruby's ``gsub``: what a replacement may refer to (``\\0`` ``\\&`` ``\\1`` ``\\k<name>``), and what it leaves as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from logging_pipeline.logstash_engine.regexes import Regex, RegexError

__all__ = ["substitute"]

_REFERENCE = re.compile(r"\\(?:([0-9&`'\\])|k<([^>]*)>)")


def substitute(regex: Regex, replacement: str, text: str) -> str:
    """*text* with every match of *regex* replaced; raises RegexTimeout, and RegexError for a name that no group has."""
    if "\\" not in replacement:
        return regex.sub(replacement, text)
    return regex.sub(_filler(regex, replacement), text)


def _filler(regex: Regex, replacement: str) -> Callable[[re.Match[str]], str]:
    def fill(match: re.Match[str]) -> str:
        def resolve(reference: re.Match[str]) -> str:
            char, name = reference[1], reference[2]
            if name is not None:
                return _named(regex, match, name)
            if char.isdigit():
                number = int(char)
                return (match[number] or "") if number <= len(regex.names) else ""
            special = {"&": match[0], "`": match.string[: match.start()], "'": match.string[match.end() :]}
            return str(special.get(char, "\\"))

        return _REFERENCE.sub(resolve, replacement)

    return fill


def _named(regex: Regex, match: re.Match[str], name: str) -> str:
    if name not in regex.names:
        raise RegexError(f"the replacement refers to a group {name!r}, which the expression does not have")
    for number, other in reversed(list(enumerate(regex.names, 1))):
        if other == name and match[number] is not None:
            return str(match[number])
    return ""
