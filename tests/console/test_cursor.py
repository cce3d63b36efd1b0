"""The place where a page of events ends."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logging_pipeline.console.cursor import pack, unpack
from logging_pipeline.console.problems import BadParameter

MOMENT = "2026-03-01T12:00:00.123456789Z"


@pytest.mark.parametrize("sort", [[MOMENT, 7, "a-http-7"], [MOMENT, None, None], [MOMENT, -(2**63), "ü/?&"]])
def test_reads_back_what_it_packed(sort):
    """A cursor survives the URL."""
    assert unpack(pack(sort)) == sort


@pytest.mark.parametrize(
    "values",
    [
        None,
        {},
        [],
        [MOMENT],
        [MOMENT, 1, "a", "b"],
        [1, 1, "a"],
        ["now-1h", 1, "a"],
        [MOMENT, "1", "a"],
        [MOMENT, True, "a"],
        [MOMENT, 2**63, "a"],
        [MOMENT, 1.5, "a"],
        [MOMENT, 1, {"a": 1}],
        [[[[MOMENT]]], 1, "a"],
    ],
)
def test_refuses_what_it_did_not_make(values):
    """Only a time, a number and an id reach Elasticsearch."""
    text = base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
    with pytest.raises(BadParameter, match=r"^after: "):
        unpack(text)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    """Nothing that a URL can hold makes it fail otherwise."""
    try:
        values = unpack(text)
    except BadParameter:
        return
    assert len(values) == 3


def test_refuses_what_is_far_too_long():
    """A cursor is bounded."""
    with pytest.raises(BadParameter):
        unpack("A" * 10_000)
    with pytest.raises(BadParameter):
        unpack(base64.urlsafe_b64encode(b"[" * 2_900).decode())
