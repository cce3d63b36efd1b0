"""One number against the target it should keep."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.safestring import SafeString

from logging_pipeline.dashboards import drawing, lens
from logging_pipeline.dashboards.drawing import View
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.markup import filled
from logging_pipeline.dashboards.model import CURRENCIES, Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.table import Row, Table
from logging_pipeline.dashboards.units import number

__all__ = ["PANEL", "Gauge"]

BETTER = ("lower", "higher")


class Gauge(PanelType):
    """
    A bar from zero to ``max`` with a mark at ``target``; ``better`` says on which side of it all is well.

    The settings are in the measure's own unit: nanoseconds, cents, 0.01 for one per cent.
    """

    name = "gauge"
    totals = True
    settings = {"target": (int, float), "max": (int, float), "better": (str,)}

    def check(self, panel: Panel) -> Iterator[tuple[str, str]]:
        """A target within the bar, and a side."""
        for name in self.settings:
            if name not in panel.settings:
                yield f"settings.{name}", "is missing"
                return
        if not 0 <= panel.settings["target"] <= panel.settings["max"] or not panel.settings["max"]:
            yield "settings.target", "is not between 0 and max"
        if panel.settings["better"] not in BETTER:
            yield "settings.better", f"is none of {', '.join(BETTER)}"

    def kibana(self, panel: Panel, view: str) -> Embedded:
        """Lens' bullet."""
        form = {
            "colorMode": "none",
            "goalAccessor": "target",
            "labelMajorMode": "auto",
            "layerId": lens.LAYER,
            "layerType": "data",
            "maxAccessor": "max",
            "metricAccessor": lens.measure_id(0),
            "minAccessor": "min",
            "shape": "horizontalBullet",
            "ticksPosition": "auto",
        }
        scale = 0.01 if panel.measures[0].unit in CURRENCIES else 1
        fixed = {"min": 0.0, "max": scale * panel.settings["max"], "target": scale * panel.settings["target"]}
        return lens.embedded(panel, view, "lnsGauge", form, (), fixed=fixed)

    def draw(self, panel: Panel, table: Table, view: View) -> SafeString:
        """The bar ends at ``max`` even when the number does not; the number itself is always said."""
        unit, value = panel.measures[0].unit, table.totals[0]
        target, most = panel.settings["target"], panel.settings["max"]
        lower = panel.settings["better"] == "lower"
        kept = isinstance(value, float) and (value <= target if lower else value >= target)
        state = "nothing to measure" if value is None else "target kept" if kept else "target missed"
        width = min(100.0, 100 * value / most) if isinstance(value, float) else 0.0
        mark = 100 * target / most
        return filled(
            '<div class="gauge {}"><p class="value">{}</p><p class="label">{}: <b>{}</b></p>'
            '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
            '<rect class="track" x="0" y="2" width="100" height="6"/>'
            '<rect class="fill" x="0" y="2" width="{}" height="6"/>'
            '<line class="target" x1="{}" x2="{}" y1="0" y2="10"/></svg>'
            '<p class="note">good: {} {}; the bar ends at {}</p></div>',
            "none" if value is None else "kept" if kept else "missed",
            drawing.linked(Row((), ()), number(value, unit), view),
            panel.measures[0].label,
            state,
            f"{width:.2f}",
            f"{mark:.2f}",
            f"{mark:.2f}",
            "at most" if lower else "at least",
            number(float(target), unit),
            number(float(most), unit),
        )


PANEL = Gauge()
