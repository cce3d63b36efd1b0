"""Bars over time, stacked by a breakdown: how many, and of what."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import ClassVar

from django.utils.safestring import SafeString

from logging_pipeline.dashboards import drawing, lens
from logging_pipeline.dashboards.aggregations import OVER_TIME, Dimension
from logging_pipeline.dashboards.drawing import HEIGHT, WIDTH, Kind, View
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import ADDITIVE, PanelType
from logging_pipeline.dashboards.series import Series, series_of
from logging_pipeline.dashboards.table import Table
from logging_pipeline.dashboards.units import top_of_scale

__all__ = ["PANEL", "StackedBar", "check_additive"]


class StackedBar(PanelType):
    """Counts or sums: only what adds up may be stacked."""

    name = "stacked_bar"
    measures = range(1, 6)
    charted = True
    breakdowns = range(2)
    kind: ClassVar[Kind] = "bars"
    series = "bar_stacked"  # Lens' word

    def check(self, panel: Panel) -> Iterator[tuple[str, str]]:
        """Its heights must mean something."""
        yield from check_additive(panel)

    def dimensions(self, panel: Panel) -> tuple[Dimension, ...]:
        """The breakdown first, so that a value keeps its colour."""
        return (*panel.breakdowns, OVER_TIME)

    def kibana(self, panel: Panel, view: str) -> Embedded:
        """Lens' stacked series."""
        split = 0 if panel.breakdowns else None
        form = lens.xy(self.series, len(panel.breakdowns), len(panel.measures), split=split)
        return lens.embedded(panel, view, "lnsXY", form, self.dimensions(panel))

    def draw(self, panel: Panel, table: Table, view: View) -> SafeString:
        """Each part on top of those before it, from zero."""
        parts = series_of(table)
        top = _stack_top(parts)
        return drawing.frame(table, view, top, self.kind, parts, self.marks(parts, top, view.window.cut))

    def marks(self, parts: tuple[Series, ...], top: float, cut: Container[int]) -> SafeString:
        """Bars; those at the positions *cut* are pale."""
        return _bars(parts, top, cut)


PANEL = StackedBar()


def check_additive(panel: Panel) -> Iterator[tuple[str, str]]:
    """Averages, percentiles and unique values do not add up; nor do different units."""
    for n, measure in enumerate(panel.measures):
        if measure.function not in ADDITIVE:
            yield (
                f"measures[{n}].function",
                f"{measure.function} cannot be stacked: only {', '.join(ADDITIVE)} add up",
            )
    if len({m.unit for m in panel.measures}) > 1:
        yield "measures", "have different units, which do not add up"
    if panel.breakdowns and len(panel.measures) > 1:
        yield "measures", "are several beside a breakdown: parts could not be told apart"


def _stack_top(parts: tuple[Series, ...]) -> float:
    """The top of the scale for *parts* on top of each other."""
    columns = zip(*(part.values for part in parts), strict=True)
    return top_of_scale(sum(filter(None, column)) for column in columns)


def _bars(parts: tuple[Series, ...], top: float, cut: Container[int]) -> SafeString:
    """Numbers and names of classes alone: there is nothing to escape."""
    step = WIDTH / max(1, len(parts[0].values)) if parts else WIDTH
    width = f"{step * 0.84:.2f}"
    below: dict[int, float] = {}
    marks = []
    for part in parts:
        for position, value in enumerate(part.values):
            if not value:
                continue
            height = HEIGHT * value / top
            base = below[position] = below.get(position, 0.0) + height
            pale = " partial" if position in cut else ""
            marks.append(
                f'<rect class="{part.colour}{pale}" x="{(position + 0.08) * step:.2f}" '
                f'y="{HEIGHT - base:.3f}" width="{width}" height="{height:.3f}"/>'
            )
    return SafeString("".join(marks))
