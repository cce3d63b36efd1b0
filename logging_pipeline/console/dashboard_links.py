"""Where a click on a dashboard leads: to the same events in the log search, to another dashboard, or to a filter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
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

__all__ = ["PanelLinks", "place"]

LOGS = "logs"
Values = tuple[tuple[str, str], ...]  # of fields


def place(name: str, *args: str) -> str:
    """The address of the console's page *name*."""
    return reverse(f"logpipe_console:{name}", args=args)


@dataclass(frozen=True)
class PanelLinks:
    """
    The links of one *panel* that shows *window* on a dashboard in *state*.

    A table asks for hundreds of them, so whatever they share is made once.

    Args:
        place: as `place`; a page whose panels share one that remembers looks each address up once.
    """

    panel: Panel
    kind: PanelType
    window: Window
    state: DashboardState
    contract: Contract
    place: Callable[..., str] = place
    _wanted: dict[Values, tuple[FieldFilter, ...]] = field(default_factory=dict, repr=False)
    _search_but: dict[tuple[frozenset[str], tuple[str, ...]], str] = field(default_factory=dict, repr=False)
    _here_but: dict[frozenset[str], str] = field(default_factory=dict, repr=False)

    def link(self, row: Row) -> str:
        """What *row* stands for, where the panel's ``drill_down`` leads; empty: nowhere."""
        if not self.panel.drill_down:
            return ""
        pick = self.kind.pick(self.panel, row)
        if pick.event:
            return f"{self.place('event')}?{encoded([('id', pick.event)])}"
        time = self._time if pick.start_ms is None else self._times[pick.start_ms]
        return f"{self._timeless(pick.values, pick.conditions)}{time}"

    def at(self, start_ms: int) -> str:
        """All that the panel counts in the bucket that begins at *start_ms*."""
        return f"{self._timeless((), ())}{self._times[start_ms]}" if self.panel.drill_down else ""

    def narrow(self, row: Row) -> str:
        """This dashboard, narrowed to the values of *row*; empty: it has none that can be asked for."""
        wanted = self._filters(self.kind.pick(self.panel, row).values)
        if not wanted:
            return ""
        fields = frozenset(each.field for each in wanted)
        if fields not in self._here_but:
            self._here_but[fields] = self.state.free_of(fields).link
        return f"{self._here_but[fields]}&{_parameters(wanted)}"

    def _timeless(self, values: Values, conditions: tuple[str, ...]) -> str:
        """The address but for its time, which all buckets of a series share."""
        wanted = self._filters(values)
        fields = frozenset(each.field for each in wanted)
        if (fields, conditions) not in self._search_but:
            rest = self.state.free_of(fields)
            pairs = self._search(rest.filters, conditions) if self._to == LOGS else rest.without("from", "to")
            self._search_but[fields, conditions] = f"{self._page}?{encoded(pairs)}{'&' if pairs else ''}"
        return f"{self._search_but[fields, conditions]}{_parameters(wanted)}{'&' if wanted else ''}"

    @cached_property
    def _to(self) -> str:
        return self.panel.drill_down.to if self.panel.drill_down else LOGS

    @cached_property
    def _page(self) -> str:
        """Where its links lead, without parameters."""
        return self.place("logs") if self._to == LOGS else self.place("dashboard", self._to)

    @cached_property
    def _times(self) -> dict[int, str]:
        """The parameters of each bucket's time, by its beginning."""
        return _times_of_buckets(self.window)

    @cached_property
    def _time(self) -> str:
        """The parameters of all its time."""
        if self.panel.time:
            return f"from={self.panel.time}&to=now"
        return encoded([("from", self.state.time.start_text), ("to", self.state.time.end_text)])

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

    def _filters(self, values: Values) -> tuple[FieldFilter, ...]:
        """Those of *values* that can be asked for."""
        if values not in self._wanted:
            can = (FieldFilter(field, value) for field, value in values if filterable(self.contract, field, value))
            self._wanted[values] = tuple(can)
        return self._wanted[values]


def _parameters(filters: tuple[FieldFilter, ...]) -> str:
    return encoded([("filter", str(each)) for each in filters])


@lru_cache(maxsize=16)  # the charts of a page have the same buckets
def _times_of_buckets(window: Window) -> dict[int, str]:
    """From where the bucket before ended, within *window*."""
    starts = window.starts_ms
    inner = [iso(datetime.fromtimestamp(start / 1000, UTC)) for start in starts[1:]]
    edges = [iso(window.start), *inner, iso(window.end)]
    return {start: f"from={a}&to={b}" for start, a, b in zip(starts, edges, edges[1:], strict=False)}


def _either(filters: tuple[FieldFilter, ...]) -> tuple[list[str], tuple[FieldFilter, ...]]:
    """Fields of which several values will do, as KQL; and the other filters: the log search wants each of its own."""
    wanted: dict[str, list[str]] = {}
    for each in filters:
        if not each.exclude:
            wanted.setdefault(each.field, []).append(each.value)
    several = {field: values for field, values in wanted.items() if len(values) > 1}
    either = [f"{field}:({' or '.join(map(spelled, values))})" for field, values in several.items()]
    return either, tuple(f for f in filters if f.exclude or f.field not in several)
