"""A heatmap: where in time, and at which value, something piles up."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from logging_pipeline.dashboards import drawing, lens
from logging_pipeline.dashboards.aggregations import OVER_TIME, Dimension
from logging_pipeline.dashboards.drawing import WIDTH, Series, View
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.table import Table

__all__ = ["PANEL", "Heatmap"]

SHADES = 6  # of one colour; 0 is no colour
ROW = 10.0  # units of the drawing


class Heatmap(PanelType):
    """One measure, by the values of a field, over time."""

    name = "heatmap"
    breakdowns = range(1, 2)

    def dimensions(self, panel: Panel) -> tuple[Dimension, ...]:
        """Rows are values, columns are buckets."""
        return (*panel.breakdowns, OVER_TIME)

    def kibana(self, panel: Panel, view: str) -> Embedded:
        """Lens' heatmap."""
        form = {
            "gridConfig": {
                "isCellLabelVisible": False,
                "isXAxisLabelVisible": True,
                "isXAxisTitleVisible": False,
                "isYAxisLabelVisible": True,
                "isYAxisTitleVisible": False,
                "type": "heatmap_grid",
            },
            "layerId": lens.LAYER,
            "layerType": "data",
            "legend": {"isVisible": True, "position": "right", "type": "heatmap_legend"},
            "shape": "heatmap",
            "valueAccessor": lens.measure_id(0),
            "xAccessor": lens.dimension_id(1),
            "yAccessor": lens.dimension_id(0),
        }
        return lens.embedded(panel, view, "lnsHeatmap", form, self.dimensions(panel))

    def draw(self, panel: Panel, table: Table, view: View) -> SafeString:
        """A lane for each value; the darker, the more, in equal steps from zero."""
        lanes = drawing.series_of(table)
        top = drawing.top_of_scale(point.value for lane in lanes for point in lane.points)
        unit = panel.measures[0].unit
        return format_html(
            '<div class="heatmap"><table><tbody>{}</tbody></table>'
            '<p class="note">one cell = {}; darkest = {}</p>{}</div>',
            drawing.join(
                '<tr><th scope="row">{}</th><td>{}</td></tr>', ((lane.label, _lane(lane, top, view)) for lane in lanes)
            ),
            view.window.bucket[1],
            drawing.number(top, unit),
            drawing.numbers(table, view),
        )


PANEL = Heatmap()


def _lane(lane: Series, top: float, view: View) -> SafeString:
    step = WIDTH / max(1, len(lane.points))
    cells = []
    for n, point in enumerate(lane.points):
        if not point.value:
            continue
        shade = min(SHADES, 1 + int(SHADES * point.value / top))
        when = drawing.key_text(point.start_ms, view.zone) + (" (partly in the range)" if point.partial else "")
        cell = format_html(
            '<rect class="shade-{}" x="{}" y="0" width="{}" height="{}"><title>{}: {}</title></rect>',
            shade,
            f"{n * step:.2f}",
            f"{step:.2f}",
            ROW,
            when,
            drawing.number(point.value, lane.measure.unit),
        )
        cells.append((drawing.linked(point.row, cell, view),))
    return format_html(
        '<svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">{}</svg>', drawing.join("{}", cells)
    )
