"""
What narrows all panels of a dashboard's page to a value of one field: a list of its values that unfolds.

Made of patterns, as panels are: it too can only be made when Elasticsearch has answered.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString

from logging_pipeline.console.dashboard_state import DashboardState
from logging_pipeline.console.filters import FieldFilter, filterable
from logging_pipeline.console.templatetags.logpipe_console import visible
from logging_pipeline.contract import Contract
from logging_pipeline.dashboards.markup import escaped, filled
from logging_pipeline.dashboards.model import Breakdown, Control, Dashboard, Grid, Measure, Panel
from logging_pipeline.dashboards.question import Answer
from logging_pipeline.dashboards.streams import contract_of

__all__ = ["shown_control", "values_of"]

OPTIONS = 50  # values that a control offers, the most frequent


def values_of(name: str, control: Control, page: Dashboard, contract: Contract, allowed: Sequence[str]) -> Panel:
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


def shown_control(control: Control, answer: Answer, state: DashboardState, contract: Contract) -> SafeString:
    """The values of *control*, as links that choose them or no longer do; chosen are those in the filters already."""
    chosen = [f.value for f in state.filters if f.field == control.field and not f.exclude]
    counted = {str(row.keys[0]): row.values[0] for row in answer.table.rows}
    values = [v for v in dict.fromkeys([*counted, *chosen]) if filterable(contract, control.field, v)]
    options = [_option(FieldFilter(control.field, v), counted.get(v), state, chosen=v in chosen) for v in values]
    return filled(
        '<details class="custom values"><summary class="chip"{}>{}{}</summary><div class="popup">{}</div></details>',
        _CURRENT if chosen else "",
        control.title,
        filled(": {}", visible(", ".join(chosen))) if chosen else _ANY,
        _list(control, options, answer.refused),
    )


_CURRENT = SafeString(' aria-current="true"')
_ANY = SafeString(' <span class="any">any</span>')
_NONE = SafeString("<p>No event in this time has one.</p>")


def _list(control: Control, options: Sequence[str], refused: str) -> SafeString:
    if refused:
        return filled("<p>{}</p>", visible(refused))
    if not options:
        return _NONE
    hint = '<p class="hint"><code>{}</code>, with the number of events</p>'
    return filled("<ul>{}</ul>" + hint, SafeString("".join(options)), control.field)


def _option(value: FieldFilter, count: object, state: DashboardState, *, chosen: bool) -> str:
    return (
        f'<li><a href="{escaped(state.toggled(value).link)}"{_CURRENT if chosen else ""}>'
        f'<span class="box" aria-hidden="true"></span><span class="value">{visible(value.value)}</span> '
        f'<span class="number">{count or 0:,.0f}</span></a></li>'
    )
