"""Where a click on a dashboard leads: to the same events in the log search, to another dashboard, or to a filter."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from django.urls import reverse

from logging_pipeline.console.address import encoded
from logging_pipeline.console.dashboard_state import DashboardState
from logging_pipeline.console.filters import FieldFilter, filterable
from logging_pipeline.console.timerange import iso
from logging_pipeline.contract import Contract
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.table import Row
from logging_pipeline.dashboards.window import Window
from logging_pipeline.kql import spelled

__all__ = ["PanelLinks"]

LOGS = "logs"
Values = tuple[tuple[str, str], ...]  # of fields


@dataclass(frozen=True)
class PanelLinks:
    """
    The links of one *panel* that shows *window* on a dashboard in *state*.

    A table asks for hundreds of them, so whatever they share is made once.
    """

    panel: Panel
    kind: PanelType
    window: Window
    state: DashboardState
    contract: Contract
    _timeless_of: dict[tuple[Values, tuple[str, ...]], str] = field(default_factory=dict, repr=False)
    _times_of: dict[int | None, str] = field(default_factory=dict, repr=False)
    _narrowed_to: dict[Values, str] = field(default_factory=dict, repr=False)

    def link(self, row: Row) -> str:
        """What *row* stands for, where the panel's ``drill_down`` leads; empty: nowhere."""
        if not self.panel.drill_down:
            return ""
        pick = self.kind.pick(self.panel, row)
        if pick.event:
            return f"{self._event_page}?{encoded([('id', pick.event)])}"
        if pick.start_ms not in self._times_of:
            self._times_of[pick.start_ms] = self._times(pick.start_ms)
        return f"{self._timeless(pick.values, pick.conditions)}{self._times_of[pick.start_ms]}"

    def narrow(self, row: Row) -> str:
        """This dashboard, narrowed to the values of *row*; empty: it has none that can be asked for."""
        values = self.kind.pick(self.panel, row).values
        if values not in self._narrowed_to:
            found = self._filters(values)
            self._narrowed_to[values] = self.state.narrowed(*found).link if found else ""
        return self._narrowed_to[values]

    def _timeless(self, values: Values, conditions: tuple[str, ...]) -> str:
        """The address but for its time, which all buckets of a series share."""
        if (values, conditions) not in self._timeless_of:
            narrowed = self.state.narrowed(*self._filters(values))
            pairs = self._search(narrowed.filters, conditions) if self._to == LOGS else narrowed.without("from", "to")
            self._timeless_of[values, conditions] = f"{self._page}?{encoded(pairs)}{'&' if pairs else ''}"
        return self._timeless_of[values, conditions]

    @cached_property
    def _to(self) -> str:
        return self.panel.drill_down.to if self.panel.drill_down else LOGS

    @cached_property
    def _page(self) -> str:
        """Where its links lead, without parameters."""
        if self._to == LOGS:
            return reverse("logpipe_console:logs")
        return reverse("logpipe_console:dashboard", args=[self._to])

    @cached_property
    def _event_page(self) -> str:
        return reverse("logpipe_console:event")

    def _search(self, filters: tuple[FieldFilter, ...], conditions: tuple[str, ...]) -> list[tuple[str, str]]:
        """The log search that finds just the panel's events with *filters* and *conditions*."""
        either, filters = _either(filters)
        every = [kql for kql in (self.panel.filter, *self._measured(), *conditions, *either) if kql]
        query = every[0] if len(every) == 1 else " and ".join(f"({kql})" for kql in every)
        return [
            *([("q", query)] if query else []),
            *(("category", name) for name in self.panel.categories),
            *(("filter", str(f)) for f in filters),
        ]

    def _measured(self) -> tuple[str, ...]:
        """What the only measure counts, when it counts not all."""
        measures = self.panel.measures
        return tuple(m.filter for m in measures if len(measures) == 1 and m.function == "count")

    def _filters(self, values: Values) -> list[FieldFilter]:
        return [FieldFilter(field, value) for field, value in values if filterable(self.contract, field, value)]

    def _times(self, start_ms: int | None) -> str:
        if start_ms is not None:
            return _bucket(self.window, start_ms)
        if self.panel.time:
            return f"from={self.panel.time}&to=now"
        return encoded([("from", self.state.time.start_text), ("to", self.state.time.end_text)])


@lru_cache(maxsize=1_024)  # the charts of a page have the same buckets
def _bucket(window: Window, start_ms: int) -> str:
    part = window.within(start_ms)
    return f"from={iso(part.start)}&to={iso(part.end)}"


def _either(filters: tuple[FieldFilter, ...]) -> tuple[list[str], tuple[FieldFilter, ...]]:
    """Fields of which several values will do, as KQL; and the other filters: the log search wants each of its own."""
    wanted: dict[str, list[str]] = {}
    for each in filters:
        if not each.exclude:
            wanted.setdefault(each.field, []).append(each.value)
    several = {field: values for field, values in wanted.items() if len(values) > 1}
    either = [f"{field}:({' or '.join(map(spelled, values))})" for field, values in several.items()]
    return either, tuple(f for f in filters if f.exclude or f.field not in several)
