"""An area over time, stacked by a breakdown: how a whole and its parts move."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.safestring import SafeString

from logging_pipeline.dashboards import drawing, lens
from logging_pipeline.dashboards.aggregations import OVER_TIME, Dimension
from logging_pipeline.dashboards.drawing import HEIGHT, WIDTH, Series, View
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.panels.stacked_bar import check_additive, stack_top
from logging_pipeline.dashboards.table import Table

__all__ = ["PANEL", "Area"]


class Area(PanelType):
    """Counts or sums, as for stacked bars; for many buckets."""

    name = "area"
    measures = range(1, 6)
    breakdowns = range(2)

    def check(self, panel: Panel) -> Iterator[tuple[str, str]]:
        """Its heights must mean something."""
        yield from check_additive(panel)

    def dimensions(self, panel: Panel) -> tuple[Dimension, ...]:
        """The breakdown first, so that a value keeps its colour."""
        return (*panel.breakdowns, OVER_TIME)

    def kibana(self, panel: Panel, view: str) -> Embedded:
        """Lens' stacked area."""
        split = 0 if panel.breakdowns else None
        form = lens.xy("area_stacked", len(panel.breakdowns), len(panel.measures), split=split)
        return lens.embedded(panel, view, "lnsXY", form, self.dimensions(panel))

    def draw(self, panel: Panel, table: Table, view: View) -> SafeString:
        """Each part on top of those before it, from zero."""
        parts = drawing.series_of(table)
        top = stack_top(parts)
        return drawing.frame(table, view, top, panel.measures[0].unit, parts, _areas(parts, top))


PANEL = Area()


def _areas(parts: tuple[Series, ...], top: float) -> SafeString:
    below = [0.0] * (len(parts[0].points) if parts else 0)
    step = WIDTH / max(1, len(below))
    marks = []
    for n, part in enumerate(parts):
        above = [base + (point.value or 0) for base, point in zip(below, part.points, strict=True)]
        outline = [*enumerate(above), *reversed(list(enumerate(below)))]
        points = " ".join(f"{(at + 0.5) * step:.1f},{HEIGHT - HEIGHT * value / top:.2f}" for at, value in outline)
        marks.append((n % drawing.SERIES, points))
        below = above
    return drawing.join('<polygon class="series-{}" points="{}"/>', marks)
