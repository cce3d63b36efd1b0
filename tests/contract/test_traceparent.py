"""W3C trace context: what is valid is continued, what is not begins a new trace."""

from __future__ import annotations

import pytest

from logging_pipeline.contract.traceparent import continued, parse

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
VALID = f"00-{TRACE}-{SPAN}-01"


def test_a_valid_header_is_continued():
    """Same trace, a span of its own, the sender's span as parent, the flags as they came."""
    context = continued(f"00-{TRACE}-{SPAN}-00")
    assert (context.trace_id, context.parent_id, context.flags) == (TRACE, SPAN, "00")
    assert context.span_id != SPAN
    assert context.header == f"00-{TRACE}-{context.span_id}-00"


def test_without_a_header_a_trace_begins():
    """A new trace has no parent, and no two are the same."""
    first, second = continued(None), continued("")
    assert first.parent_id == ""
    assert first.trace_id != second.trace_id
    assert parse(first.header) is not None


def test_a_later_version_may_carry_more():
    """The standard wants the known part of higher versions read."""
    assert parse(f"cc-{TRACE}-{SPAN}-01-what-the-future-brings") is not None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01\nx",
        f"00-{TRACE[:-1]}٣-{SPAN}-01",
        f"cc-{TRACE}-{SPAN}-01-" + "x" * 600,
    ],
)
def test_a_malformed_header_is_ignored(header: str):
    """What the standard does not allow never reaches an event."""
    assert parse(header) is None
