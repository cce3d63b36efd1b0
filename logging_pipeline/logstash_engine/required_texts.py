"""Texts that everything which a regular expression matches must have."""

from __future__ import annotations

import re

__all__ = ["required_texts"]

_GAP = "\0"  # stands for whatever may differ from match to match
_LITERALS = 0xE000  # a character without its backslash is put here, where it means itself and nothing else
_GROUPS = 0xF000  # what is known of a group is put here
_ESCAPE_OR_SET = re.compile(r"\\(.)|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_QUANTIFIER = r"(?:[*+?]|\{[^}]*\})[?+]?"
_VARIABLE = re.compile(rf"(\(\??|\){_QUANTIFIER})|[^|](?:[*?]|\{{[^}}]*\}})[?+]?|(?<!\|)\+\??|[.^$]")
_INNERMOST = re.compile(rf"\((\?(?::|P<\w+>)|\?|)([^()]*)\)({_QUANTIFIER}|)")
_PLAIN = {_LITERALS + code: code for code in range(128)}
_MOST = 2  # more of them hardly tell more texts apart

_Texts = list[str]


def required_texts(pattern: str) -> list[_Texts]:
    """
    Lists of texts: of each of them at least one text stands in every match of *pattern*.

    There are two at most, those whose texts are longest, so that few other texts have them. Groups are read from the
    inside to the outside; what is optional, or looks around, tells nothing. Expressions with characters beyond ASCII
    are not read.
    """
    if "(?i" in pattern or not pattern.isascii():
        return []
    known: list[list[_Texts]] = []

    def read_group(group: re.Match[str]) -> str:
        opening, inside, quantifier = group.groups()
        if opening == "?" or (quantifier and quantifier[0] != "+"):
            return _GAP
        if "|" in inside:
            known.append(_of_branches(inside, known))
            inside = f"{_GAP}{chr(_GROUPS + len(known) - 1)}{_GAP}"
        return inside + _GAP if quantifier else inside

    pattern, groups = _VARIABLE.sub(_read_variable, _ESCAPE_OR_SET.sub(_read_escape, pattern)), 1
    while groups and "(" in pattern:
        pattern, groups = _INNERMOST.subn(read_group, pattern)
    return [[text.translate(_PLAIN) for text in texts] for texts in _of_branches(pattern, known)]


def _read_escape(found: re.Match[str]) -> str:
    """What an escaped character or a set is: the character itself, unless several may stand there."""
    char = found[1]
    return _GAP if char is None or char.isalnum() else chr(_LITERALS + ord(char))


def _read_variable(found: re.Match[str]) -> str:
    """What is no text of its own: a gap, unless it belongs to a group, which is read later."""
    return found[1] or _GAP


def _of_branches(pattern: str, known: list[list[_Texts]]) -> list[_Texts]:
    if "|" not in pattern:
        return _of_sequence(pattern, known)
    texts: _Texts = []
    for branch in pattern.split("|"):
        found = _of_sequence(branch, known)
        if not found:
            return []
        texts += found[0]
    return [texts]


def _of_sequence(pattern: str, known: list[list[_Texts]]) -> list[_Texts]:
    found: list[_Texts] = []
    for part in pattern.split(_GAP):
        if part:
            found += known[ord(part) - _GROUPS] if part[0] >= chr(_GROUPS) else [[part]]
    if len(found) > 1:
        found.sort(key=_shortest, reverse=True)
    return found[:_MOST]


def _shortest(texts: _Texts) -> int:
    return min(map(len, texts))
