"""
Text from events, made fit to be looked at.

It may hold anything: markup, terminal escapes, characters that reverse the reading direction or cannot be seen. Markup
is escaped; what cannot be seen is shown by its code point, so that nobody reads something else than what is there.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from logging_pipeline.dashboards.unseen import UNSEEN, code, plain

__all__ = ["as_json", "as_text", "pieces", "plain", "visible"]

_PICTURES = {"\n": "⏎", "\t": "⇥"}


def visible(text: str, *, lines: bool = False) -> SafeString:
    """*text* as HTML; with *lines*, line feeds and tabs stay what they are, for a preformatted block."""
    return mark_safe(UNSEEN.sub(lambda found: _mark(found[0], lines), escape(text)))  # noqa: S308  # escaped just here


def pieces(text: str) -> list[str]:
    """
    *text* for a script that makes text nodes: what can be seen and what cannot in turn, the latter by its code point.

    >>> pieces("a\u202eb")
    ['a', 'U+202E', 'b']
    """
    found: list[str] = []
    end = 0
    for match in UNSEEN.finditer(text):
        found += [text[end : match.start()], _PICTURES.get(match[0], code(match[0]))]
        end = match.end()
    return [*found, text[end:]]


def as_text(value: Any) -> str:
    """One value of a document as text: as JSON writes it, text without quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def as_json(document: Any) -> str:
    """*document* as JSON that says the same and holds no character that cannot be seen."""
    text = json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True)
    return UNSEEN.sub(lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], text)


def _mark(character: str, lines: bool) -> str:
    if lines and character in _PICTURES:
        return character
    return f'<span class="unseen" title="{code(character)}">{_PICTURES.get(character, code(character))}</span>'
