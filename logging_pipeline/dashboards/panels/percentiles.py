"""Percentiles of one field over time: what most see, and what the unlucky see."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.safestring import SafeString

from logging_pipeline.dashboards import lens
from logging_pipeline.dashboards.aggregations import OVER_TIME, Dimension
from logging_pipeline.dashboards.drawing import View
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.panels.line import draw_lines
from logging_pipeline.dashboards.table import Table

__all__ = ["PANEL", "Percentiles"]


class Percentiles(PanelType):
    """Two to five percentiles of the same field, rising."""

    name = "percentiles"
    measures = range(2, 6)
    charted = True

    def check(self, panel: Panel) -> Iterator[tuple[str, str]]:
        """All of one field, and in order: the legend then reads as the chart does."""
        if any(m.function != "percentile" for m in panel.measures) or len({m.field for m in panel.measures}) > 1:
            yield "measures", "are not all percentiles of one field"
            return
        percents = [m.percent for m in panel.measures]
        if percents != sorted(set(percents)):
            yield "measures", f"{percents} do not rise"

    def dimensions(self, panel: Panel) -> tuple[Dimension, ...]:
        """Time alone."""
        return (OVER_TIME,)

    def kibana(self, panel: Panel, view: str) -> Embedded:
        """Lens' line."""
        return lens.embedded(panel, view, "lnsXY", lens.xy("line", 0, len(panel.measures)), self.dimensions(panel))

    def draw(self, panel: Panel, table: Table, view: View) -> SafeString:
        """A line for each percentile."""
        return draw_lines(table, view)


PANEL = Percentiles()
