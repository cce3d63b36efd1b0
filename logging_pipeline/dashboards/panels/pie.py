"""A pie or a ring: the parts of a whole, where there are few."""

from __future__ import annotations

import math
from collections.abc import Iterator

from django.utils.safestring import SafeString

from logging_pipeline.dashboards import drawing, lens
from logging_pipeline.dashboards.drawing import View
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.markup import filled, join
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.panels.stacked_bar import check_additive
from logging_pipeline.dashboards.series import colour
from logging_pipeline.dashboards.table import Table
from logging_pipeline.dashboards.units import number

__all__ = ["PANEL", "Pie"]

MOST_PARTS = 8  # beyond that nobody can compare them: use bars


class Pie(PanelType):
    """A count or a sum by the values of a field; ``ring: true`` for a hole in the middle."""

    name = "pie"
    breakdowns = range(1, 2)
    settings = {"ring": (bool,)}

    def check(self, panel: Panel) -> Iterator[tuple[str, str]]:
        """Parts that make a whole, and few of them."""
        yield from check_additive(panel)
        for breakdown in panel.breakdowns:
            if (len(breakdown.filters) or breakdown.size) > MOST_PARTS:
                yield "breakdowns[0].size", f"is too many for a pie: at most {MOST_PARTS} can be told apart"

    def kibana(self, panel: Panel, view: str) -> Embedded:
        """Lens' pie or donut."""
        layer = {
            "categoryDisplay": "default",
            "layerId": lens.LAYER,
            "layerType": "data",
            "legendDisplay": "show",
            "metrics": [lens.measure_id(0)],
            "nestedLegend": False,
            "numberDisplay": "percent",
            "primaryGroups": [lens.dimension_id(0)],
        }
        form = {"layers": [layer], "shape": "donut" if panel.settings.get("ring") else "pie"}
        return lens.embedded(panel, view, "lnsPie", form, self.dimensions(panel))

    def draw(self, panel: Panel, table: Table, view: View) -> SafeString:
        """Clockwise from the top, in the order of the legend, which says the numbers."""
        values = [value if isinstance(value := row.values[0], float) else 0.0 for row in table.rows]
        whole = sum(values)
        inner = 22.0 if panel.settings.get("ring") else 0.0
        parts = [
            (row, value, colour(str(row.keys[0]), n))
            for n, (row, value) in enumerate(zip(table.rows, values, strict=True))
        ]
        slices, before = [], 0.0
        for row, value, hue in parts:
            if value:
                shape = _slice(before / whole, (before + value) / whole, inner)
                title = f"{row.keys[0]}: {number(value / whole, 'percent')}"
                path = filled('<path class="{}" d="{}"><title>{}</title></path>', hue, shape, title)
                slices.append((drawing.narrowed(row, path, view, again=True),))
                before += value
        unit = panel.measures[0].unit
        legend = (
            (
                hue,
                drawing.narrowed(row, str(row.keys[0]), view),
                drawing.linked(row, number(value, unit), view),
                number(value / whole, "percent"),
            )
            for row, value, hue in parts
            if whole
        )
        return filled(
            '<div class="pie"><svg viewBox="0 0 100 100" role="img" aria-label="Parts; the numbers are beside it">{}'
            '</svg><ul class="legend">{}</ul>{}</div>',
            join("{}", slices),
            join('<li class="{}"><i></i><span>{}</span> <b>{}</b> <span class="part">{}</span></li>', legend),
            drawing.rest(table),
        )


PANEL = Pie()


def _slice(start: float, end: float, inner: float) -> str:
    """From *start* to *end*, parts of the circle."""
    if end - start > 0.9999:
        return _circle(48, 1) + (_circle(inner, 0) if inner else "")
    (ax, ay), (bx, by) = _on_circle(start, 48), _on_circle(end, 48)
    (cx, cy), (dx, dy) = _on_circle(end, inner), _on_circle(start, inner)
    large = int(end - start > 0.5)
    outside = f"M{ax:.2f} {ay:.2f}A48 48 0 {large} 1 {bx:.2f} {by:.2f}"
    return f"{outside}L{cx:.2f} {cy:.2f}A{inner:g} {inner:g} 0 {large} 0 {dx:.2f} {dy:.2f}Z"


def _circle(radius: float, sweep: int) -> str:
    """All of it, as two halves, for an arc cannot end where it begins; the other way round it is a hole."""
    half = f"A{radius:g} {radius:g} 0 0 {sweep} 50"
    return f"M50 {50 - radius:g}{half} {50 + radius:g}{half} {50 - radius:g}Z"


def _on_circle(part: float, radius: float) -> tuple[float, float]:
    angle = 2 * math.pi * part
    return 50 + radius * math.sin(angle), 50 - radius * math.cos(angle)
