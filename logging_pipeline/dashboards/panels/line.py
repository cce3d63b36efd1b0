"""A line over time: how something moves; gaps stay gaps."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.safestring import SafeString

from logging_pipeline.dashboards import drawing, lens
from logging_pipeline.dashboards.aggregations import OVER_TIME, Dimension
from logging_pipeline.dashboards.drawing import HEIGHT, WIDTH, View
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.markup import join
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.series import Series, series_of
from logging_pipeline.dashboards.table import Table
from logging_pipeline.dashboards.units import top_of_scale

__all__ = ["PANEL", "Line", "draw_lines", "path"]


class Line(PanelType):
    """One line for each measure, or for each value of a breakdown."""

    name = "line"
    measures = range(1, 6)
    charted = True
    breakdowns = range(2)

    def check(self, panel: Panel) -> Iterator[tuple[str, str]]:
        """One scale: all measures in one unit, and either several of them or a breakdown."""
        if len({m.unit for m in panel.measures}) > 1:
            yield "measures", "have different units, and a line has one scale: make it two panels"
        if panel.breakdowns and len(panel.measures) > 1:
            yield "measures", "are several beside a breakdown: lines could not be told apart"

    def dimensions(self, panel: Panel) -> tuple[Dimension, ...]:
        """The breakdown first, so that a value keeps its line."""
        return (*panel.breakdowns, OVER_TIME)

    def kibana(self, panel: Panel, view: str) -> Embedded:
        """Lens' line."""
        split = 0 if panel.breakdowns else None
        form = lens.xy("line", len(panel.breakdowns), len(panel.measures), split=split)
        return lens.embedded(panel, view, "lnsXY", form, self.dimensions(panel))

    def draw(self, panel: Panel, table: Table, view: View) -> SafeString:
        """Lines from left to right, on a scale from zero."""
        return draw_lines(table, view)


PANEL = Line()


def draw_lines(table: Table, view: View) -> SafeString:
    """A chart of the rows of *table*, which end in a time."""
    lines = series_of(table)
    top = top_of_scale(value for line in lines for value in line.values)
    marks = join('<path class="line {}" d="{}"/>', ((line.colour, path(line, top)) for line in lines))
    return drawing.frame(table, view, top, "line", lines, marks)


def path(line: Series, top: float) -> str:
    """Through the middle of every bucket that has a value; a lone one is a dash as wide as a third of its bucket."""
    values, step, scale = line.values, WIDTH / max(1, len(line.values)), HEIGHT / top
    parts: list[str] = []
    drawing_on = False
    for n, value in enumerate(values):
        if value is None:
            drawing_on = False
            continue
        alone = not drawing_on and (n + 1 == len(values) or values[n + 1] is None)
        dash = f"h{step / 3:.1f}" if alone else ""
        parts.append(f"{'L' if drawing_on else 'M'}{(n + 0.5) * step:.1f} {HEIGHT - value * scale:.2f}{dash}")
        drawing_on = True
    return "".join(parts)
