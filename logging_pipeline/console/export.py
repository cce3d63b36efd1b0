"""
A search as a file: whole events as NDJSON, or the chosen columns as CSV; page by page, so that none is held in memory.

A file that does not hold everything says so in its last line.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from logging_pipeline.console import columns, selectors
from logging_pipeline.console.event import Event
from logging_pipeline.console.search import Search
from logging_pipeline.console.store import Store
from logging_pipeline.console.text import as_text
from logging_pipeline.console.timerange import iso
from logging_pipeline.contract import Contract
from logging_pipeline.errors import StoreUnavailable

__all__ = ["FORMATS", "MAX_EVENTS", "Format", "harmless", "pieces"]

MAX_EVENTS = 50_000
_TIME = "@timestamp"
# What a spreadsheet takes for the beginning of a formula, also in its wide forms.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Format:
    """
    A kind of file.

    Args:
        content_type: as HTTP names it.
        first: the first line.
        line: of one event.
        last: what a file that does not hold everything ends with; takes the reason.
    """

    content_type: str
    first: Callable[[Sequence[str]], bytes]
    line: Callable[[Event, Sequence[str]], bytes]
    last: Callable[[str], bytes]


def pieces(
    store: Store, search: Search, categories: Sequence[str], contract: Contract, form: Format, *, max_events: int
) -> Iterator[bytes]:
    """
    The file, one page of events after the other; the first is asked for before this returns.

    Raises:
        ConfigurationError, StoreUnavailable: before the first piece; later the file ends with the reason.
    """
    pages = selectors.pages(store, search.but(time=search.time.frozen), categories, contract)
    names = search.columns or columns.DEFAULT
    return _pieces(next(pages), pages, names, form, max_events)


def _pieces(
    page: selectors.Batch, pages: Iterator[selectors.Batch], names: Sequence[str], form: Format, max_events: int
) -> Iterator[bytes]:
    yield form.first(names)
    written = 0
    while True:
        wanted = page.events[: max_events - written]
        written += len(wanted)
        yield b"".join(form.line(event, names) for event in wanted)
        if page.partial:
            yield form.last(f"Elasticsearch answered only in part: there may be more than these {written:,} events")
        if page.last and len(wanted) == len(page.events):
            return
        if written >= max_events:
            yield form.last(f"the newest {written:,} events; there are more. Choose a shorter time for the rest")
            return
        try:
            page = next(pages)
        except StoreUnavailable as error:
            yield form.last(f"the newest {written:,} events; Elasticsearch failed before the rest: {error}")
            return


def harmless(value: Any) -> str:
    """*value* for a cell of a table: text that a spreadsheet would take for a formula begins with an apostrophe."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    text = as_text(value) if value is not None else ""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _ndjson(event: Event, _names: Sequence[str]) -> bytes:
    return _json(event.source)


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"  # escaped, so that any text passes


def _row(*cells: str) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode(errors="replace")


def _csv(event: Event, names: Sequence[str]) -> bytes:
    return _row(iso(event.time), *(harmless(event.value(name)) for name in names))


FORMATS = {
    "ndjson": Format(
        "application/x-ndjson",
        first=lambda _names: b"",
        line=_ndjson,
        last=lambda why: _json({"export": {"complete": False, "holds": why}}),
    ),
    "csv": Format(
        "text/csv; charset=utf-8",
        first=lambda names: _row(_TIME, *names),
        line=_csv,
        last=lambda why: _row(f"# Not everything: {why}"),
    ),
}
