"""A table: exact numbers of up to three levels of groups."""

from __future__ import annotations

from django.utils.safestring import SafeString

from logging_pipeline.dashboards import lens
from logging_pipeline.dashboards.drawing import View, narrowed, rest, written
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.markup import escaped, filled, join
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.table import Row, Table
from logging_pipeline.dashboards.units import key_text

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
            SafeString("".join([_line(table, row, view) for row in table.rows])),
            rest(table),
        )


PANEL = TableOfGroups()

GO_HEAD = SafeString('<th scope="col"><span class="unheard">Events</span></th>')


def _line(table: Table, row: Row, view: View) -> str:
    heads = [
        narrowed(Row((*(None for _left in row.keys[:n]), key), ()), key_text(key, view.zone), view)
        for n, key in enumerate(row.keys)
    ]
    cells = [written(value, measure.unit, view.zone) for value, measure in zip(row.values, table.measures, strict=True)]
    target = view.link(row)
    go = f'<td class="go"><a href="{escaped(target)}" aria-label="Events of {escaped(str(row.keys[0]))}">→</a></td>'
    return "".join(
        [
            "<tr>",
            *[f'<th scope="row">{head}</th>' for head in heads],
            *[f'<td class="number">{cell}</td>' for cell in cells],
            go if target else "",
            "</tr>",
        ]
    )
