"""A dashboard as a page shows it: its definition, its panels, answered by one request, and its controls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from logging_pipeline.console import filters
from logging_pipeline.console.dashboard_links import PanelLinks, place
from logging_pipeline.console.dashboard_panel import ShownPanel, shown_panel
from logging_pipeline.console.dashboard_state import DashboardState
from logging_pipeline.console.filters import FieldFilter, filterable
from logging_pipeline.console.picker import Choice
from logging_pipeline.console.store import Store
from logging_pipeline.contract import Contract
from logging_pipeline.dashboards.ask import Answer
from logging_pipeline.dashboards.definitions import load_folder
from logging_pipeline.dashboards.model import Breakdown, Control, Dashboard, Grid, Measure, Panel
from logging_pipeline.dashboards.streams import contract_of
from logging_pipeline.dashboards.window import Window

__all__ = ["Shown", "ShownControl", "definitions", "shown"]

FIRST = "overview"  # where people begin to look
OPTIONS = 50  # values that a control offers, the most frequent
_LABELS = ("labels.", "numeric_labels.")


@dataclass(frozen=True, slots=True)
class ShownControl:
    """The values of a field, as links that choose them or no longer do; *chosen* are in the filters already."""

    control: Control
    options: tuple[Choice, ...]
    chosen: tuple[str, ...]
    problem: str


class Shown(NamedTuple):
    """What of a page depends on Elasticsearch's answer."""

    panels: tuple[ShownPanel, ...]
    controls: tuple[ShownControl, ...]


def definitions(folder: Path) -> tuple[Dashboard, ...]:
    """
    The dashboards of *folder*, ``overview`` first; read again when a file has changed. None where no file is.

    Raises:
        DashboardError: one of them cannot be read.
    """
    versions = tuple(sorted((str(file), file.stat().st_mtime_ns) for file in folder.glob("*.yml")))
    return _definitions(folder, versions) if versions else ()


@lru_cache(maxsize=4)
def _definitions(folder: Path, _versions: tuple[tuple[str, int], ...]) -> tuple[Dashboard, ...]:
    return tuple(sorted(load_folder(folder), key=lambda each: (each.id != FIRST, each.title)))


def shown(
    store: Store,
    contract: Contract,
    dashboard: Dashboard,
    others: Sequence[Dashboard],
    state: DashboardState,
    allowed: Sequence[str],
    *,
    now: datetime,
    zone: tzinfo,
) -> Callable[[], Shown]:
    """
    *dashboard* in *state*, for a reader of the categories *allowed*, by one request.

    The request is sent at once, from a thread of its own; what is returned waits for the answer and draws it, where
    the page comes to it. It raises ``ConfigurationError`` for a wrong user or password, ``StoreUnavailable`` for no
    answer.
    """
    controls = {f"control:{n}": control for n, control in enumerate(dashboard.controls)}
    values = [_values_of(name, control, dashboard, contract, allowed) for name, control in controls.items()]
    lacking = {panel.id: _lacking(panel, state, contract) for panel in dashboard.panels}
    asked = [
        *(panel for panel in values if panel.categories),
        *(panel for panel in dashboard.panels if not lacking[panel.id]),
    ]

    def narrowed(panel: Panel) -> list[dict[str, Any]]:
        own = controls[panel.id].field if panel.id in controls else ""
        return filters.conditions(f for f in state.filters if f.field != own)

    window = Window(state.time.start, state.time.end)
    ask = partial(store.dashboard, contract, asked, window, now=now, allowed=allowed, narrowed=narrowed)
    beside = ThreadPoolExecutor(max_workers=1)
    found = beside.submit(copy_context().run, ask)
    beside.shutdown(wait=False)

    @cache
    def answered() -> Shown:
        answers = {answer.panel.id: answer for answer in found.result()}
        titles = {other.id: other.title for other in others}
        links = partial(PanelLinks, state=state, contract=contract, place=cache(place))
        draw = partial(shown_panel, links_of=links, titles=titles, filtered=bool(state.filters), zone=zone)
        panels = (draw(answers.get(p.id) or Answer(p, window), lacking[p.id]) for p in dashboard.panels)
        chosen = (_control(c, answers[name], state, contract) for name, c in controls.items() if name in answers)
        return Shown(tuple(panels), tuple(chosen))

    return answered


def _lacking(panel: Panel, state: DashboardState, contract: Contract) -> str:
    """The first field that a filter wants and the panel's events do not have: then none of them can be meant."""
    if not panel.categories:
        return ""
    known = contract_of(contract, panel.categories).fields
    wanted = (f.field for f in state.filters if not f.exclude)
    return next((name for name in wanted if name not in known and not name.startswith(_LABELS)), "")


def _values_of(name: str, control: Control, page: Dashboard, contract: Contract, allowed: Sequence[str]) -> Panel:
    """What asks for the values of *control*, in those of the page's categories that have the field."""
    every = dict.fromkeys(category for panel in page.panels for category in panel.categories)
    having = tuple(c for c in every if c in allowed and control.field in contract_of(contract, (c,)).fields)
    return Panel(
        id=name,
        type="table",
        title=control.title,
        description="",
        grid=Grid(0, 0, 1, 1),
        categories=having,
        measures=(Measure("count", "Events"),),
        breakdowns=(Breakdown(control.field, size=OPTIONS),),
    )


def _control(control: Control, answer: Answer, state: DashboardState, contract: Contract) -> ShownControl:
    chosen = tuple(f.value for f in state.filters if f.field == control.field and not f.exclude)
    counted = {str(row.keys[0]): row.values[0] for row in answer.table.rows}
    values = [*counted, *(value for value in chosen if value not in counted)]
    options = tuple(
        Choice(
            value,
            f"{counted.get(value) or 0:,.0f}",
            state.toggled(FieldFilter(control.field, value)).link,
            value in chosen,
        )
        for value in values
        if filterable(contract, control.field, value)
    )
    return ShownControl(control, options, chosen, answer.refused)
