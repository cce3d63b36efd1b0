"""A table: exact numbers of up to three levels of groups."""

from __future__ import annotations

from django.utils.safestring import SafeString

from logging_pipeline.dashboards import drawing, lens
from logging_pipeline.dashboards.drawing import View
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.markup import filled, join
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.table import Row, Table
from logging_pipeline.dashboards.units import key_text, number

__all__ = ["PANEL", "TableOfGroups"]


class TableOfGroups(PanelType):
    """Any measures, side by side."""

    name = "table"
    measures = range(1, 9)
    breakdowns = range(1, 4)

    def kibana(self, panel: Panel, view: str) -> Embedded:
        """Lens' table."""
        ids = [
            *(lens.dimension_id(n) for n in range(len(panel.breakdowns))),
            *(lens.measure_id(n) for n in range(len(panel.measures))),
        ]
        form = {
            "columns": [{"columnId": name, "isTransposed": False} for name in ids],
            "layerId": lens.LAYER,
            "layerType": "data",
            "paging": {"enabled": True, "size": 10},
        }
        return lens.embedded(panel, view, "lnsDatatable", form, self.dimensions(panel))

    def draw(self, panel: Panel, table: Table, view: View) -> SafeString:
        """A line for each group; a group's name narrows the dashboard, the arrow leads to its events."""
        keys = join('<th scope="col">{}</th>', ((title,) for title in table.dimensions))
        measures = join('<th scope="col" class="number">{}</th>', ((m.label,) for m in table.measures))
        leads = bool(view.link(Row((), ())))
        return filled(
            '<div class="rows"><table><thead><tr>{}{}{}</tr></thead><tbody>{}</tbody></table>{}</div>',
            keys,
            measures,
            GO_HEAD if leads else "",
            join("<tr>{}</tr>", ((_line(table, row, view),) for row in table.rows)),
            drawing.rest(table),
        )


PANEL = TableOfGroups()

GO_HEAD = SafeString('<th scope="col"><span class="unheard">Events</span></th>')


def _line(table: Table, row: Row, view: View) -> SafeString:
    keys = (
        (drawing.narrowed(Row((*(None for _left in row.keys[:n]), key), ()), key_text(key, view.zone), view),)
        for n, key in enumerate(row.keys)
    )
    cells = (
        (number(value, measure.unit, view.zone),) for measure, value in zip(table.measures, row.values, strict=True)
    )
    target = view.link(row)
    go = filled('<td class="go"><a href="{}" aria-label="Events of {}">→</a></td>', target, row.keys[0])
    return filled(
        "{}{}{}",
        join('<th scope="row">{}</th>', keys),
        join('<td class="number">{}</td>', cells),
        go if target else "",
    )
