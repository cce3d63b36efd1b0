"""
A value without a field as people type it into a search box: every word must be found, in any of these ways.

It stands in a text (a message, an error's message, a stack trace); it is the whole value of a keyword or a label; an
event's name or a path begins with it; it has three digits and is the response's status.
"""

from __future__ import annotations

from logging_pipeline.kql.conditions import Between, Condition, Equals, Like, OneOf, Phrase, Target
from logging_pipeline.kql.syntax import Literal, Pattern
from logging_pipeline.kql.typed import split
from logging_pipeline.kql.words import lowered

__all__ = ["free_text"]

_BEGINNINGS = frozenset({"event.action", "url.path"})  # order. → order.placed, /product/ → /product/tea/
_LIKE = frozenset({"event.action", "url.path", "error.type", "log.logger"})  # short lists of values
_STATUS = "http.response.status_code"
_STATUS_DIGITS = 3


def free_text(value: Literal | Pattern, targets: tuple[Target, ...]) -> tuple[OneOf, ...]:
    """
    A condition for every word of *value* over *targets*; what is quoted is one word.

    Raises:
        KqlError: a word that begins with a wildcard, which would be compared with every word there is.
    """
    if isinstance(value, Literal):
        words = [value.text] if value.quoted else [word for (word,) in split((value.text,))]
        return tuple(_word(word, targets) for word in words)
    found = []
    for parts in split(value.parts):
        if len(parts) == 1:
            found.append(_word(parts[0], targets))
        elif any(parts) and not parts[0]:
            raise value.place.error("a word cannot begin with *. Name its field: error.type: *Error")
        elif any(parts):
            found.append(_pattern(parts, targets))
    return tuple(found)


def _word(word: str, targets: tuple[Target, ...]) -> OneOf:
    found: list[Condition] = []
    for target in targets:
        if target.type == "text":
            found.append(Phrase(target, word))
        elif target.type in ("keyword", "flattened"):
            found.append(Equals(target, word))
            if target.name in _BEGINNINGS and word:
                found.append(Like(target, (word, "")))
        elif target.name == _STATUS and word.isascii() and word.isdecimal() and len(word) == _STATUS_DIGITS:
            found.append(Between(target, int(word), int(word)))
    return OneOf(tuple(found))


def _pattern(parts: tuple[str, ...], targets: tuple[Target, ...]) -> OneOf:
    texts = (Like(target, tuple(map(lowered, parts))) for target in targets if target.type == "text")
    names = (Like(target, parts) for target in targets if target.name in _LIKE)
    return OneOf((*texts, *names))
