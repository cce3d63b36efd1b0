"""Text from events, made fit to be looked at."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logging_pipeline.console.text import as_json, plain, visible

ANY_TEXT = st.text(st.characters(), max_size=80)  # with surrogates, controls, everything


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert('1')</script>", "&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;"),
        ("a\x1b[31mb", 'a<span class="unseen" title="U+001B">U+001B</span>[31mb'),
        ("\u202egpj.exe", '<span class="unseen" title="U+202E">U+202E</span>gpj.exe'),
        ("a\nb", 'a<span class="unseen" title="U+000A">⏎</span>b'),
        ("\ud800", '<span class="unseen" title="U+D800">U+D800</span>'),
        ("grün 日本 👍 العربية", "grün 日本 👍 العربية"),
    ],
)
def test_shows_what_is_there(text, html):
    """Markup is escaped, what cannot be seen is named, what can be read stays."""
    assert visible(text) == html


def test_a_block_keeps_its_lines():
    """A stack trace keeps line feeds and tabs, but nothing else unseen."""
    assert visible("a\n\tb\r", lines=True) == 'a\n\tb<span class="unseen" title="U+000D">U+000D</span>'


@given(ANY_TEXT)
def test_nothing_unseen_and_no_markup_gets_through(text):
    """No markup, control, direction override or half surrogate pair of any text reaches the page."""
    for shown in (visible(text), plain(text)):
        shown.encode()
        assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in shown)
        assert not set("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff") & set(shown)
    assert "<" not in visible(text).replace('<span class="unseen" title="U+', "").replace("</span>", "")


@given(st.dictionaries(ANY_TEXT, ANY_TEXT | st.integers() | st.none() | st.lists(ANY_TEXT, max_size=3), max_size=5))
def test_the_json_is_harmless_and_exact(document):
    """The copyable JSON holds no unseen character and parses to the same document."""
    text = as_json(document)
    text.encode()
    assert not any(unicodedata.category(c) in ("Cc", "Cs") and c != "\n" for c in text)
    assert json.loads(text) == document
