"""What a dashboard's address says: from when to when, which filters, how often it reads itself again."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from logging_pipeline.console import filters
from logging_pipeline.console.address import encoded
from logging_pipeline.console.filters import FieldFilter
from logging_pipeline.console.picker import refresh_every
from logging_pipeline.console.search import Parameters
from logging_pipeline.console.timerange import TimeRange
from logging_pipeline.contract import Contract

__all__ = ["DashboardState"]


@dataclass(frozen=True, slots=True)
class DashboardState:
    """*filters* hold for every panel: of several values of one field any will do, of different fields each must."""

    time: TimeRange
    filters: tuple[FieldFilter, ...] = ()
    refresh: str = ""

    @classmethod
    def parse(
        cls, parameters: Parameters, contract: Contract, default: str, *, now: datetime, zone: tzinfo
    ) -> DashboardState:
        """
        Read a URL's parameters; *default* is the time of a dashboard whose address names none.

        Raises:
            BadParameter: one of them cannot be used.
        """
        start, end = parameters.get("from", "") or default, parameters.get("to", "") or "now"
        return cls(
            time=TimeRange.parse(start, end, now=now, zone=zone),
            filters=filters.parse_all(contract, parameters.getlist("filter")),
            refresh=refresh_every(parameters.get("refresh", "") or ""),
        )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters that `parse` reads back into this state, in a fixed order."""
        return [
            ("from", self.time.start_text),
            ("to", self.time.end_text),
            *(("filter", str(f)) for f in self.filters),
            *([("refresh", self.refresh)] if self.refresh else []),
        ]

    @property
    def link(self) -> str:
        """``?`` and the parameters, encoded."""
        return f"?{encoded(self.pairs)}"

    def without(self, *parameters: str) -> list[tuple[str, str]]:
        """The pairs but those of *parameters*, for a form that sets these."""
        return [(name, value) for name, value in self.pairs if name not in parameters]

    def but(self, **changes: Any) -> DashboardState:
        """The same with *changes*."""
        return replace(self, **changes)

    def free_of(self, fields: Container[str]) -> DashboardState:
        """The same without filters on *fields*."""
        return replace(self, filters=tuple(f for f in self.filters if f.field not in fields))

    def toggled(self, given: FieldFilter) -> DashboardState:
        """The same with *given* beside the others, or without it."""
        if given in self.filters:
            return replace(self, filters=tuple(f for f in self.filters if f != given))
        return replace(self, filters=(*self.filters, given))
