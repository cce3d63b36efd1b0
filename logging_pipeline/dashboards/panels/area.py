"""An area over time, stacked by a breakdown: how a whole and its parts move."""

from __future__ import annotations

from collections.abc import Container

from django.utils.safestring import SafeString

from logging_pipeline.dashboards.drawing import HEIGHT, WIDTH
from logging_pipeline.dashboards.markup import join
from logging_pipeline.dashboards.panels.stacked_bar import StackedBar
from logging_pipeline.dashboards.series import Series

__all__ = ["PANEL", "Area"]


class Area(StackedBar):
    """Counts or sums, as for stacked bars; for many buckets."""

    name = "area"
    kind = "area"
    series = "area_stacked"

    def marks(self, parts: tuple[Series, ...], top: float, _cut: Container[int]) -> SafeString:
        """One shape for each part."""
        return _areas(parts, top)


PANEL = Area()


def _areas(parts: tuple[Series, ...], top: float) -> SafeString:
    below = [0.0] * (len(parts[0].values) if parts else 0)
    step = WIDTH / max(1, len(below))
    marks = []
    for part in parts:
        above = [base + (value or 0) for base, value in zip(below, part.values, strict=True)]
        outline = [*enumerate(above), *reversed(list(enumerate(below)))]
        points = " ".join(f"{(at + 0.5) * step:.1f},{HEIGHT - HEIGHT * value / top:.2f}" for at, value in outline)
        marks.append((part.colour, points))
        below = above
    return join('<polygon class="{}" points="{}"/>', marks)
