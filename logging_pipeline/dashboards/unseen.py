"""Characters that cannot be seen, or that change what is seen: written by their code point, they mislead nobody."""

from __future__ import annotations

import re

__all__ = ["UNSEEN", "code", "plain"]

# C0 and C1 controls, soft hyphen, Arabic letter mark, zero-width and direction marks, line and paragraph separators,
# embeddings, overrides and isolates, invisible operators, byte order mark, annotations, lone surrogates, tags.
UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def code(character: str) -> str:
    """``U+202E``."""
    return f"U+{ord(character):04X}"


def plain(text: str, *, lines: bool = False) -> str:
    """
    *text* with ``<U+202E>`` for what cannot be seen; with *lines*, line feeds and tabs stay what they are.

    >>> plain("a\\u202eb")
    'a<U+202E>b'
    """
    if text.isascii() and text.isprintable():  # as nearly all are
        return text
    return UNSEEN.sub(lambda found: found[0] if lines and found[0] in "\n\t" else f"<{code(found[0])}>", text)
