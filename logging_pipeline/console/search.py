"""The state of the log search, all of it in the URL: read, checked, and written again with one thing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Protocol

from logging_pipeline.console import columns, cursor, filters, language
from logging_pipeline.console.access import ASIDE
from logging_pipeline.console.address import encoded
from logging_pipeline.console.filters import FieldFilter
from logging_pipeline.console.problems import BadParameter, among, at_most
from logging_pipeline.console.timerange import TimeRange
from logging_pipeline.contract import Contract
from logging_pipeline.settings import LEVELS

__all__ = ["DEFAULT_FROM", "MAX_TEXT_CHARS", "Search"]

DEFAULT_FROM = "now-15m"
DEFAULT_FROM_OF_TRACE = "now-7d"  # a link to a trace is often followed days later
MAX_TEXT_CHARS = 2_000
MAX_FILTERS = 20
MAX_ID_CHARS = 1_024


class Parameters(Protocol):
    """A URL's parameters, as Django's QueryDict has them."""

    def get(self, key: str, default: str) -> str | None:
        """The last value of *key*."""

    def getlist(self, key: str) -> Sequence[Any]:
        """Every value of *key*."""


@dataclass(frozen=True, slots=True)
class Search:
    """
    What is looked for: every part narrows it; an empty part does not.

    Args:
        time: from when to when.
        text: a query in Kibana's language, in which a value without a field is words (see `language`).
        categories: any of these.
        levels: any of these.
        trace: the id of a trace.
        filters: exact values of fields.
        columns: the fields that the list shows beside the time; none: `columns.DEFAULT`.
        after: the place in the list where the page begins (see `cursor`), empty for the newest.
        zone: of the times in *text* that name none.
    """

    time: TimeRange
    text: str = ""
    categories: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    trace: str = ""
    filters: tuple[FieldFilter, ...] = ()
    columns: tuple[str, ...] = ()
    after: str = ""
    zone: tzinfo = field(default=UTC, compare=False, repr=False)

    @classmethod
    def parse(cls, parameters: Parameters, contract: Contract, *, now: datetime, zone: tzinfo) -> Search:
        """
        Read a URL's parameters.

        Raises:
            BadParameter: one of them cannot be used; a `BadQuery` knows the place in the text.
        """
        text = at_most(MAX_TEXT_CHARS, "q", (parameters.get("q", "") or "").strip())
        language.query(text, contract, now=now, zone=zone)
        trace = at_most(MAX_ID_CHARS, "trace", parameters.get("trace", "") or "")
        start = parameters.get("from", "") or (DEFAULT_FROM_OF_TRACE if trace else DEFAULT_FROM)
        given = parameters.getlist("filter")
        if len(given) > MAX_FILTERS:
            raise BadParameter("filter", f"{len(given)} of them are too many", f"Keep at most {MAX_FILTERS}")
        after = parameters.get("after", "") or ""
        if after:
            cursor.unpack(after)
        return cls(
            time=TimeRange.parse(start, parameters.get("to", "") or "now", now=now, zone=zone),
            text=text,
            categories=among((*contract.by_name, *ASIDE), "category", parameters.getlist("category")),
            levels=among(LEVELS, "level", parameters.getlist("level")),
            trace=trace,
            filters=tuple(dict.fromkeys(filters.parse(contract, text) for text in given)),
            columns=columns.parse(contract, parameters.getlist("column")),
            after=after,
            zone=zone,
        )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters that `parse` reads back into this search, in a fixed order."""
        return [
            *([("q", self.text)] if self.text else []),
            *(("category", name) for name in self.categories),
            *(("level", name) for name in self.levels),
            ("from", self.time.start_text),
            ("to", self.time.end_text),
            *([("trace", self.trace)] if self.trace else []),
            *(("filter", str(f)) for f in self.filters),
            *(("column", name) for name in self.columns),
            *([("after", self.after)] if self.after else []),
        ]

    @property
    def link(self) -> str:
        """``?`` and the parameters, encoded."""
        return f"?{encoded(self.pairs)}"

    @property
    def shown_columns(self) -> tuple[str, ...]:
        """The fields that the list shows beside the time."""
        return self.columns or columns.DEFAULT

    @property
    def narrowed(self) -> bool:
        """Whether anything but the time narrows it."""
        return bool(self.text or self.categories or self.levels or self.trace or self.filters)

    def but(self, **changes: Any) -> Search:
        """The same with *changes*, from its newest event on unless they say ``after``."""
        return replace(self, **{"after": "", **changes})

    def toggled(self, part: str, name: str) -> Search:
        """The same with *name* taken into ``categories`` or ``levels``, or out of it."""
        return self.but(**{part: _toggled(getattr(self, part), name)})

    def column_toggled(self, name: str) -> Search:
        """The same, at the same place, with *name* as the last column, or without it."""
        changed = _toggled(self.shown_columns, name)
        return replace(self, columns=() if changed == columns.DEFAULT else changed)

    def column_moved(self, name: str, by: int) -> Search:
        """The same, at the same place, with the column *name* moved *by* places."""
        shown = list(self.shown_columns)
        at = shown.index(name)
        shown.insert(max(0, at + by), shown.pop(at))
        return replace(self, columns=() if tuple(shown) == columns.DEFAULT else tuple(shown))

    def filtered(self, given: FieldFilter) -> Search:
        """The same with one more filter; the opposite of it is gone."""
        others = tuple(f for f in self.filters if (f.field, f.value) != (given.field, given.value))
        return self.but(filters=(*others, given))


def _toggled(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(n for n in names if n != name) if name in names else (*names, name)
