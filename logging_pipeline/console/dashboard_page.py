"""A dashboard as a page shows it: its definition, its panels, answered by one request, and its controls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime, tzinfo
from functools import cache, lru_cache
from os import scandir
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.safestring import SafeString

from logging_pipeline.console import filters
from logging_pipeline.console.dashboard_control import shown_control, values_of
from logging_pipeline.console.dashboard_links import PanelLinks, place
from logging_pipeline.console.dashboard_panel import AwaitedPanel, awaited
from logging_pipeline.console.dashboard_state import DashboardState
from logging_pipeline.console.store import Store
from logging_pipeline.contract import Contract
from logging_pipeline.dashboards.definitions import load_folder
from logging_pipeline.dashboards.drawing import View
from logging_pipeline.dashboards.model import Dashboard, Panel
from logging_pipeline.dashboards.question import Answer
from logging_pipeline.dashboards.registry import panel_types
from logging_pipeline.dashboards.streams import contract_of
from logging_pipeline.dashboards.window import Window

__all__ = ["Shown", "definitions", "shown"]

FIRST = "overview"  # where people begin to look
_LABELS = ("labels.", "numeric_labels.")


class Shown(NamedTuple):
    """What of a page depends on Elasticsearch's answer."""

    panels: SafeString
    controls: SafeString


def definitions(folder: Path) -> tuple[Dashboard, ...]:
    """
    The dashboards of *folder*, ``overview`` first; read again when a file has changed. None where no file is.

    Raises:
        DashboardError: one of them cannot be read.
    """
    try:
        with scandir(folder) as files:
            versions = tuple(sorted((f.path, f.stat().st_mtime_ns) for f in files if f.name.endswith(".yml")))
    except OSError:  # not there, no folder, closed to this process
        return ()
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

    The request is sent at once, from a thread of its own; meanwhile all is made that no answer changes. What is
    returned waits for the answer and draws it, where the page comes to it. It raises ``ConfigurationError`` for a wrong
    user or password, ``StoreUnavailable`` for no answer.
    """
    controls = {f"control:{n}": control for n, control in enumerate(dashboard.controls)}
    values = [values_of(name, control, dashboard, contract, allowed) for name, control in controls.items()]
    lacking = {panel.id: _lacking(panel, state, contract) for panel in dashboard.panels}

    def narrowed(panel: Panel) -> list[dict[str, Any]]:
        own = controls[panel.id].field if panel.id in controls else ""
        return filters.conditions(f for f in state.filters if f.field != own)

    window = Window(state.time.start, state.time.end)
    asking = [*(v for v in values if v.categories), *(p for p in dashboard.panels if not lacking[p.id])]
    asked = store.question(contract, asking, window, now=now, allowed=allowed, narrowed=narrowed)
    beside = ThreadPoolExecutor(max_workers=1)
    found = beside.submit(copy_context().run, store.send, asked)
    beside.shutdown(wait=False)

    unanswered = {panel.id: asked.unanswered.get(panel.id) or Answer(panel, window) for panel in dashboard.panels}
    titles, remembered = {other.id: other.title for other in others}, cache(place)

    def waiting(panel: Panel) -> AwaitedPanel:
        own = unanswered[panel.id].window
        links = PanelLinks(panel, panel_types()[panel.type], own, state, contract, remembered)
        leads_to = titles.get(panel.drill_down.to, "Logs") if panel.drill_down else "Logs"
        view = View(own, zone, links.link, links.narrow, links.at)
        return awaited(panel, view, leads_to, lacking=lacking[panel.id], filtered=bool(state.filters))

    panels = [waiting(panel) for panel in dashboard.panels]

    @cache
    def when_answered() -> Shown:
        answers = unanswered | asked.read(found.result())
        chosen = [shown_control(c, answers[n], state, contract) for n, c in controls.items() if n in answers]
        return Shown(
            SafeString("\n".join([each.shown(answers[each.panel.id]) for each in panels])),
            SafeString("".join(chosen)),
        )

    return when_answered


def _lacking(panel: Panel, state: DashboardState, contract: Contract) -> str:
    """The first field that a filter wants and the panel's events do not have: then none of them can be meant."""
    if not panel.categories:
        return ""
    known = contract_of(contract, panel.categories).fields
    wanted = (f.field for f in state.filters if not f.exclude)
    return next((name for name in wanted if name not in known and not name.startswith(_LABELS)), "")
