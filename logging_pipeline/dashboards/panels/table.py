"""A table: exact numbers of up to three levels of groups."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from logging_pipeline.dashboards import drawing, lens
from logging_pipeline.dashboards.drawing import View
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.table import Table

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
        """As it is."""
        more = f"{table.not_shown:,} events of other values not shown" if table.not_shown else ""
        return format_html('<div class="rows">{}<p class="note">{}</p></div>', drawing.rows_table(table, view), more)


PANEL = TableOfGroups()
