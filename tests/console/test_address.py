"""The parameters of an address."""

from __future__ import annotations

from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from logging_pipeline.console.address import encoded

TEXT = st.text(st.characters(codec=None, exclude_categories=()))  # half surrogate pairs, too


@given(st.lists(st.tuples(TEXT, TEXT)))
def test_parameters_are_encoded_as_the_standard_library_encodes_them(pairs: list[tuple[str, str]]):
    """Any text survives, and what no address can carry becomes a question mark."""
    assert encoded(pairs) == urlencode(pairs, errors="replace")
    assert encoded(pairs) == urlencode(pairs, errors="replace")  # from memory
