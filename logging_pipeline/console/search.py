"""The state of the log search, all of it in the URL: read, checked, and written again with one thing changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any, Protocol
from urllib.parse import urlencode

from logging_pipeline.console import cursor, filters
from logging_pipeline.console.access import ASIDE
from logging_pipeline.console.filters import FieldFilter
from logging_pipeline.console.problems import BadParameter
from logging_pipeline.console.timerange import TimeRange
from logging_pipeline.contract import Contract
from logging_pipeline.settings import LEVELS

__all__ = ["DEFAULT_FROM", "MAX_TEXT_CHARS", "Search", "words_of"]

DEFAULT_FROM = "now-15m"
DEFAULT_FROM_OF_TRACE = "now-7d"  # a link to a trace is often followed days later
MAX_TEXT_CHARS = 500
MAX_WORDS = 16
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
        text: words, all of which an event must have; a quoted phrase counts as one.
        categories: any of these.
        levels: any of these.
        trace: the id of a trace.
        filters: exact values of fields.
        after: the place in the list where the page begins (see `cursor`), empty for the newest.
    """

    time: TimeRange
    text: str = ""
    categories: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    trace: str = ""
    filters: tuple[FieldFilter, ...] = ()
    after: str = ""

    @classmethod
    def parse(cls, parameters: Parameters, contract: Contract, *, now: datetime, zone: tzinfo) -> Search:
        """
        Read a URL's parameters.

        Raises:
            BadParameter: one of them cannot be used.
        """
        trace = _short("trace", parameters.get("trace", "") or "", MAX_ID_CHARS)
        start = parameters.get("from", "") or (DEFAULT_FROM_OF_TRACE if trace else DEFAULT_FROM)
        given = parameters.getlist("filter")
        if len(given) > MAX_FILTERS:
            raise BadParameter("filter", f"{len(given)} of them are too many", f"Keep at most {MAX_FILTERS}")
        after = parameters.get("after", "") or ""
        if after:
            cursor.unpack(after)
        return cls(
            time=TimeRange.parse(start, parameters.get("to", "") or "now", now=now, zone=zone),
            text=_text(parameters.get("q", "") or ""),
            categories=_known("category", parameters.getlist("category"), (*contract.by_name, *ASIDE)),
            levels=_known("level", parameters.getlist("level"), LEVELS),
            trace=trace,
            filters=tuple(dict.fromkeys(filters.parse(contract, text) for text in given)),
            after=after,
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
            *([("after", self.after)] if self.after else []),
        ]

    @property
    def link(self) -> str:
        """``?`` and the parameters, encoded."""
        return f"?{urlencode(self.pairs)}"

    @property
    def narrowed(self) -> bool:
        """Whether anything but the time narrows it."""
        return bool(self.text or self.categories or self.levels or self.trace or self.filters)

    def but(self, **changes: Any) -> Search:
        """The same with *changes*, from its newest event on unless they say ``after``."""
        return replace(self, **{"after": "", **changes})

    def toggled(self, part: str, name: str) -> Search:
        """The same with *name* taken into ``categories`` or ``levels``, or out of it."""
        chosen: tuple[str, ...] = getattr(self, part)
        changed = tuple(n for n in chosen if n != name) if name in chosen else (*chosen, name)
        return self.but(**{part: changed})


def words_of(text: str) -> list[str]:
    """
    The words of *text*; what stands in double quotes is one, an unpaired quote is a letter like any other.

    >>> words_of('declined "card expired" ord-7')
    ['declined', 'card expired', 'ord-7']
    """
    words: list[str] = []
    parts = text.split('"')
    last = len(parts) - 1
    for position, part in enumerate(parts):
        if position % 2 and position != last:
            words.append(part.strip())
        else:
            words.extend((f'"{part}' if position % 2 else part).split())
    return [word for word in words if word]


def _text(text: str) -> str:
    text = _short("q", text.strip(), MAX_TEXT_CHARS)
    count = len(words_of(text))
    if count > MAX_WORDS:
        raise BadParameter("q", f"the search has {count} words", f"Keep at most {MAX_WORDS}, or quote a phrase")
    return text


def _short(parameter: str, text: str, limit: int) -> str:
    if len(text) > limit:
        raise BadParameter(parameter, f"{len(text):,} characters are too long", f"Keep at most {limit:,}")
    return text


def _known(parameter: str, names: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    known = list(known)
    for name in names:
        if name not in known:
            raise BadParameter(parameter, f"there is no {parameter} {name[:60]!r}", f"Choose from {', '.join(known)}")
    return tuple(dict.fromkeys(names))
