"""HTML from patterns: nothing that was not meant as HTML becomes it."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from logging_pipeline.dashboards.markup import filled, join
from logging_pipeline.dashboards.unseen import plain


@given(st.text(), st.integers() | st.none())
def test_values_are_escaped_as_django_escapes_them(text: str, number: int | None):
    """Whatever the text is, the piece is the one that Django's own function makes of what can be seen of it."""
    seen = plain(text, lines=True)
    assert filled('<b title="{}">{}</b>', text, number) == format_html('<b title="{}">{}</b>', seen, number)


def test_what_cannot_be_seen_is_written_by_its_code_point():
    """Neither a reversed reading direction nor half a surrogate pair gets into a page; lines and tabs stay."""
    assert (
        filled("{}", "\u202egnp.exe\ud800\x1b[2J\n\t.") == "&lt;U+202E&gt;gnp.exe&lt;U+D800&gt;&lt;U+001B&gt;[2J\n\t."
    )
    assert filled("{}", "שלום grün 👩‍🌾") == "שלום grün 👩&lt;U+200D&gt;🌾"


def test_what_is_html_already_stays_so():
    """Pieces can be put into pieces."""
    assert filled("<p>{}</p>", filled("<b>{}</b>", "<")) == "<p><b>&lt;</b></p>"
    assert isinstance(filled("{}", "<"), SafeString)


def test_numbers_are_written_as_the_pattern_says():
    """A drawing's numbers have a point in every language, and no more digits than they need."""
    assert filled('x="{:g}" y="{}"', 12.5, 3) == 'x="12.5" y="3"'


def test_a_pattern_for_each_row():
    """Each row's values are escaped."""
    assert join("<i>{}</i>", [("a",), ("<",)]) == "<i>a</i><i>&lt;</i>"
    assert isinstance(join("{}", []), SafeString)
