"""Bars side by side, one for each value: which is largest, and by how much."""

from __future__ import annotations

from django.utils.safestring import SafeString

from logging_pipeline.dashboards import drawing, lens
from logging_pipeline.dashboards.drawing import View
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.markup import filled, join
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.table import Row, Table
from logging_pipeline.dashboards.units import number

__all__ = ["PANEL", "HorizontalBar"]


class HorizontalBar(PanelType):
    """One measure of each value of a field, or of each of a list of filters: the steps of a funnel, for one."""

    name = "horizontal_bar"
    breakdowns = range(1, 2)

    def kibana(self, panel: Panel, view: str) -> Embedded:
        """Lens' horizontal bars."""
        form = lens.xy("bar_horizontal", 0, 1, values=True)
        return lens.embedded(panel, view, "lnsXY", form, self.dimensions(panel))

    def draw(self, panel: Panel, table: Table, view: View) -> SafeString:
        """Bars from zero, each with its number."""
        values = [value for row in table.rows if isinstance(value := row.values[0], float)]
        top = max(values, default=0.0) or 1.0
        return filled(
            '<div class="bars"><table><tbody>{}</tbody></table>{}</div>',
            join("{}", ((_bar(row, top, panel, view),) for row in table.rows)),
            drawing.rest(table),
        )


PANEL = HorizontalBar()


def _bar(row: Row, top: float, panel: Panel, view: View) -> SafeString:
    value = row.values[0]
    width = 100 * value / top if isinstance(value, float) else 0
    bar = filled(
        '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="track" x="0" y="0" '
        'width="100" height="10"/><rect class="series-0" x="0" y="0" width="{}" height="10"/></svg>',
        f"{width:.2f}",
    )
    return filled(
        '<tr><th scope="row">{}</th><td class="bar">{}</td><td class="number">{}</td></tr>',
        drawing.narrowed(row, str(row.keys[0]), view),
        drawing.linked(row, bar, view, again=True),
        drawing.linked(row, number(value, panel.measures[0].unit, view.zone), view),
    )
