"""Words between the numbers: what to do when they look bad."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from logging_pipeline.contract import Contract
from logging_pipeline.dashboards.drawing import View
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.markup import filled
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.table import Table
from logging_pipeline.dashboards.window import Window

__all__ = ["PANEL", "Markdown"]

_TO_HTML = MarkdownIt("js-default").disable(["image", "html_block", "html_inline"])  # no HTML, nothing loaded


class Markdown(PanelType):
    """``text`` in Markdown; HTML in it stays text, pictures are not loaded."""

    name = "markdown"
    measures = range(1)
    settings = {"text": (str,)}

    def check(self, panel: Panel) -> Iterator[tuple[str, str]]:
        """It says something, and asks nothing."""
        if not panel.settings.get("text"):
            yield "settings.text", "is missing"
        if panel.filter or panel.categories or panel.drill_down:
            yield "filter", "has no meaning here, nor have categories and drill_down: a text asks nothing"

    def query(self, panel: Panel, window: Window, contract: Contract) -> dict[str, Any] | None:
        """None."""
        return None

    def read(self, panel: Panel, answer: dict[str, Any]) -> Table:
        """No rows."""
        return Table((), (), ())

    def kibana(self, panel: Panel, view: str) -> Embedded:
        """Kibana's Markdown visualisation."""
        params = {"fontSize": 12, "markdown": panel.settings["text"], "openLinksInNewTab": False}
        search = {"filter": [], "query": {"language": "kuery", "query": ""}}
        saved = {
            "data": {"aggs": [], "searchSource": search},
            "description": panel.description,
            "params": params,
            "title": panel.title,
            "type": "markdown",
            "uiState": {},
        }
        return Embedded("visualization", {"savedVis": saved})

    def draw(self, panel: Panel, table: Table, view: View) -> SafeString:
        """As HTML."""
        html = mark_safe(_TO_HTML.render(panel.settings["text"]))  # noqa: S308  # it escapes whatever is HTML in it
        return filled('<div class="words">{}</div>', html)


PANEL = Markdown()
