"""Where a click on a dashboard leads: to the same events in the log search, to another dashboard, or to a filter."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from logging_pipeline.console.dashboard_state import DashboardState
from logging_pipeline.console.filters import FieldFilter, filterable
from logging_pipeline.console.timerange import iso
from logging_pipeline.contract import Contract
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.pick import Pick
from logging_pipeline.dashboards.table import Row
from logging_pipeline.dashboards.window import Window
from logging_pipeline.kql import spelled

__all__ = ["PanelLinks"]

LOGS = "logs"


@dataclass(frozen=True, slots=True)
class PanelLinks:
    """The links of one *panel* that shows *window* on a dashboard in *state*."""

    panel: Panel
    kind: PanelType
    window: Window
    state: DashboardState
    contract: Contract

    def link(self, row: Row) -> str:
        """What *row* stands for, where the panel's ``drill_down`` leads; empty: nowhere."""
        if not self.panel.drill_down:
            return ""
        pick = self.kind.pick(self.panel, row)
        if pick.event:
            return _url("event", [("id", pick.event)])
        if self.panel.drill_down.to == LOGS:
            return _url("logs", self._search(pick))
        narrowed = self.state.narrowed(*self._filters(pick))
        pairs = [*self._times(pick), *(pair for pair in narrowed.pairs if pair[0] not in ("from", "to"))]
        return _url("dashboard", pairs, self.panel.drill_down.to)

    def narrow(self, row: Row) -> str:
        """This dashboard, narrowed to the values of *row*; empty: it has none that can be asked for."""
        found = self._filters(self.kind.pick(self.panel, row))
        return self.state.narrowed(*found).link if found else ""

    def _search(self, pick: Pick) -> list[tuple[str, str]]:
        """The log search that finds just the events of *pick*."""
        filters = self.state.narrowed(*self._filters(pick)).filters
        either, filters = _either(filters)
        conditions = [kql for kql in (self.panel.filter, *self._measured(), *pick.conditions, *either) if kql]
        query = conditions[0] if len(conditions) == 1 else " and ".join(f"({kql})" for kql in conditions)
        return [
            *([("q", query)] if query else []),
            *(("category", name) for name in self.panel.categories),
            *self._times(pick),
            *(("filter", str(f)) for f in filters),
        ]

    def _measured(self) -> tuple[str, ...]:
        """What the only measure counts, when it counts not all."""
        measures = self.panel.measures
        return tuple(m.filter for m in measures if len(measures) == 1 and m.function == "count")

    def _filters(self, pick: Pick) -> list[FieldFilter]:
        return [FieldFilter(field, value) for field, value in pick.values if filterable(self.contract, field, value)]

    def _times(self, pick: Pick) -> list[tuple[str, str]]:
        if pick.start_ms is not None:
            part = self.window.within(pick.start_ms)
            return [("from", iso(part.start)), ("to", iso(part.end))]
        if self.panel.time:
            return [("from", self.panel.time), ("to", "now")]
        return [("from", self.state.time.start_text), ("to", self.state.time.end_text)]


def _either(filters: tuple[FieldFilter, ...]) -> tuple[list[str], tuple[FieldFilter, ...]]:
    """Fields of which several values will do, as KQL; and the other filters: the log search wants each of its own."""
    wanted: dict[str, list[str]] = {}
    for each in filters:
        if not each.exclude:
            wanted.setdefault(each.field, []).append(each.value)
    several = {field: values for field, values in wanted.items() if len(values) > 1}
    either = [f"{field}:({' or '.join(map(spelled, values))})" for field, values in several.items()]
    return either, tuple(f for f in filters if f.exclude or f.field not in several)


def _url(name: str, pairs: list[tuple[str, str]], *args: str) -> str:
    # An event may hold half of a surrogate pair, which no URL can carry: it becomes a question mark, and finds nothing.
    return f"{reverse(f'logpipe_console:{name}', args=args)}?{urlencode(pairs, errors='replace')}"
