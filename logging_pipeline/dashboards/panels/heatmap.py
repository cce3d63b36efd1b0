"""A heatmap: where in time, and at which value, something piles up."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString

from logging_pipeline.dashboards import drawing, lens
from logging_pipeline.dashboards.aggregations import OVER_TIME, Dimension
from logging_pipeline.dashboards.drawing import WIDTH, View
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.markup import filled, join
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import ADDITIVE, PanelType
from logging_pipeline.dashboards.series import Series, series_of
from logging_pipeline.dashboards.table import Row, Table
from logging_pipeline.dashboards.units import number, time_text, top_of_scale

__all__ = ["PANEL", "Heatmap"]

SHADES = 6  # of one colour; 0 is no colour


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
        lanes = series_of(table)
        top = top_of_scale(value for lane in lanes for value in lane.values)
        unit = panel.measures[0].unit
        places = _places(view)
        return filled(
            '<div class="heatmap" data-start="{}" data-width="{}" data-from="{}" data-to="{}">'
            "<table><tbody>{}<tr><td></td><td>{}</td><td></td></tr></tbody></table>"
            '<p class="shades">0<svg viewBox="0 0 60 10" aria-hidden="true">{}</svg>{}</p>{}</div>',
            view.window.starts_ms[0],
            view.window.starts_ms.step,
            *view.window.iso,
            join("{}", ((_lane(lane, top, places, view),) for lane in lanes)),
            drawing.axis(view),
            join(
                '<rect class="shade-{}" x="{}" y="0" width="10" height="10"/>',
                ((n + 1, n * 10) for n in range(SHADES)),
            ),
            number(top, unit),
            drawing.note(table, view, partial=bool(view.window.cut)),
        )


PANEL = Heatmap()


def _places(view: View) -> list[SafeString]:
    """What a cell of each bucket says of it, in all lanes the same: whether it is pale, where it is, when it was."""
    starts, cut = view.window.starts_ms, view.window.cut
    step = WIDTH / len(starts)
    return [
        filled(
            '{}" x="{:.2f}" y="0" width="{:.2f}" height="10" data-bucket="{}"><title>{}',
            " partial" if n in cut else "",
            n * step,
            step,
            n,
            time_text(start, view.zone),
        )
        for n, start in enumerate(starts)
    ]


def _lane(lane: Series, top: float, places: Sequence[SafeString], view: View) -> SafeString:
    row = Row((*lane.group, None), ())
    cells = (
        (
            min(SHADES, 1 + int(SHADES * value / top)),
            place,
            number(value, lane.measure.unit),
        )
        for value, place in zip(lane.values, places, strict=True)
        if value
    )
    return filled(
        '<tr><th scope="row">{}</th><td><svg viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" '
        'aria-label="{}" data-link="{}">{}</svg></td><td class="number">{}</td></tr>',
        drawing.narrowed(row, lane.label, view),
        f"{lane.label} over time",
        view.link(row),
        join('<rect class="shade-{}{}: {}</title></rect>', cells),
        _whole(lane, row, view),
    )


def _whole(lane: Series, row: Row, view: View) -> SafeString | str:
    """What all cells of a lane are together, where they add up."""
    if lane.measure.function not in ADDITIVE:
        return ""
    total = sum(value or 0.0 for value in lane.values)
    return drawing.linked(row, number(total, lane.measure.unit), view)
