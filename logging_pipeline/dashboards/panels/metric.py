"""One number, and the line it came along."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from logging_pipeline.dashboards import drawing, lens
from logging_pipeline.dashboards.aggregations import OVER_TIME, Dimension
from logging_pipeline.dashboards.drawing import View
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.panels.line import draw_lines
from logging_pipeline.dashboards.table import Table

__all__ = ["PANEL", "Metric"]


class Metric(PanelType):
    """The measure of the whole window, large, and of each bucket as a line beneath it."""

    name = "metric"
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
        unit = panel.measures[0].unit
        value = drawing.number(table.totals[0], unit, view.zone)
        line = draw_lines(panel, table, view) if table.rows and unit != "time" else ""
        return format_html(
            '<div class="metric"><p class="value">{}</p><p class="label">{}</p>{}</div>',
            value,
            panel.measures[0].label,
            line,
        )


PANEL = Metric()
