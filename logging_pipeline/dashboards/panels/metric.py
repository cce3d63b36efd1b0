"""One number, and the line it came along."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString

from logging_pipeline.dashboards import drawing, lens
from logging_pipeline.dashboards.aggregations import OVER_TIME, Dimension
from logging_pipeline.dashboards.drawing import View
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.markup import filled
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.panels.line import path
from logging_pipeline.dashboards.series import series_of
from logging_pipeline.dashboards.table import Row, Table
from logging_pipeline.dashboards.units import number, top_of_scale

__all__ = ["PANEL", "Metric"]


class Metric(PanelType):
    """The measure of the whole window, large, and of each bucket as a line beneath it."""

    name = "metric"
    totals = True
    settings = {"trend": (bool,)}

    def dimensions(self, panel: Panel) -> tuple[Dimension, ...]:
        """Time, unless the trend is switched off."""
        return (OVER_TIME,) if panel.settings.get("trend", True) else ()

    def kibana(self, panel: Panel, view: str) -> Embedded:
        """Lens' metric with a trend line."""
        trend = self.dimensions(panel)
        form: dict[str, Any] = {
            "layerId": lens.LAYER,
            "layerType": "data",
            "metricAccessor": lens.measure_id(0),
            "showBar": False,
        }
        if trend:
            form |= {
                "trendlineLayerId": lens.TREND,
                "trendlineLayerType": "metricTrendline",
                "trendlineMetricAccessor": f"{lens.TREND}-{lens.measure_id(0)}",
                "trendlineTimeAccessor": f"{lens.TREND}-{lens.dimension_id(0)}",
            }
        return lens.embedded(panel, view, "lnsMetric", form, (), trend=trend)

    def draw(self, panel: Panel, table: Table, view: View) -> SafeString:
        """The number, then its line."""
        measure, value = panel.measures[0], table.totals[0]
        moment = measure.unit == "time" and isinstance(value, float)
        return filled(
            '<div class="metric"><p class="value{}">{}</p><p class="label">{}</p>{}</div>',
            " moment" if moment else "",
            drawing.linked(Row((), ()), number(value, measure.unit, view.zone), view),
            f"{measure.label}, {_before(float(value or 0), view)}" if moment else measure.label,
            _trend(table, view) if table.rows and not moment else "",
        )


PANEL = Metric()


def _before(ms: float, view: View) -> str:
    """How far from the end of the range a time is."""
    gap_s = view.window.end.timestamp() - ms / 1000
    said = "less than 1 s" if gap_s < 1 else number(gap_s * 1e9, "ns")
    return f"{said} before this range ends"


def _trend(table: Table, view: View) -> SafeString:
    """How it came along: a line, and what its top and its steps are."""
    line = series_of(table)[0]
    highest = max((value for value in line.values if value is not None), default=0.0)
    more = [f"highest {number(highest, line.measure.unit)}"] if highest else []
    return filled(
        '<svg class="trend" viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="line series-0" d="{}"/><line class="base" x1="0" x2="1000" y1="99.5" y2="99.5"/></svg>{}',
        path(line, top_of_scale([highest])),
        drawing.note(table, view, more=more),
    )
