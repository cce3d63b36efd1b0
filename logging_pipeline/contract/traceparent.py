"""W3C trace context: the ``traceparent`` header, version 00 (https://www.w3.org/TR/trace-context/)."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

__all__ = ["TraceContext", "continued", "parse"]

_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class TraceContext:
    """
    One unit of work in a trace: a request or an attempt at a task.

    Args:
        trace_id: 32 hex digits, shared by everything that one request caused.
        span_id: 16 hex digits, this unit of work.
        parent_id: 16 hex digits of the unit that caused it; empty for the first.
        flags: 2 hex digits; 01 means sampled.
    """

    trace_id: str
    span_id: str
    parent_id: str = ""
    flags: str = "01"

    @property
    def header(self) -> str:
        """The ``traceparent`` that what this unit causes shall carry."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


def continued(header: str | None) -> TraceContext:
    """A new unit of work: in the trace of *header* when that is valid, else in a new trace."""
    parent = parse(header)
    if parent is None:
        return TraceContext(os.urandom(16).hex(), os.urandom(8).hex())
    return TraceContext(parent.trace_id, os.urandom(8).hex(), parent.span_id, parent.flags)


def parse(header: str | None) -> TraceContext | None:
    """The unit of work that sent *header*; ``None`` when there is none or it is malformed, as the standard wants it."""
    if not header or len(header) > 512:
        return None
    match = _TRACEPARENT.fullmatch(header.strip())
    if match is None or (header.startswith("00") and match[4]):
        return None
    return TraceContext(match[1], match[2], flags=match[3])
