"""The newest events themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString

from logging_pipeline.contract import Contract
from logging_pipeline.dashboards import drawing
from logging_pipeline.dashboards.aggregations import filtered
from logging_pipeline.dashboards.drawing import View
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.markup import escaped, filled, join
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.pick import Pick
from logging_pipeline.dashboards.table import Row, Table
from logging_pipeline.dashboards.units import key_text
from logging_pipeline.dashboards.window import Window

__all__ = ["PANEL", "LogList"]

SIZE = 10
MOST = 100


class LogList(PanelType):
    """``fields`` of the newest events; ``size`` of them."""

    name = "log_list"
    measures = range(1)
    settings = {"fields": (list,), "size": (int,)}

    def check(self, panel: Panel) -> Iterator[tuple[str, str]]:
        """There is something to show."""
        fields = panel.settings.get("fields")
        if not fields or not all(isinstance(name, str) for name in fields):
            yield "settings.fields", "is not a list of fields"
        if not 1 <= panel.settings.get("size", SIZE) <= MOST:
            yield "settings.size", f"is not from 1 to {MOST}"

    def query(self, panel: Panel, window: Window, contract: Contract) -> dict[str, Any]:
        """The newest first."""
        return {
            "size": panel.settings.get("size", SIZE),
            "track_total_hits": False,
            "query": filtered(panel, window, contract),
            "sort": [{"@timestamp": {"order": "desc", "format": "strict_date_optional_time_nanos"}}],
            "_source": list(panel.settings["fields"]),
        }

    def read(self, panel: Panel, answer: dict[str, Any]) -> Table:
        """A row for each event: when, its fields, and its id, which is not shown."""
        fields = panel.settings["fields"]
        paths = [name.split(".") for name in fields]
        rows = [
            Row((_ms(hit["sort"][0]), *[_text(hit["_source"], path) for path in paths], hit["_id"]), ())
            for hit in answer["hits"]["hits"]
        ]
        return Table(("@timestamp", *fields, "id"), (), tuple(rows))

    def pick(self, panel: Panel, row: Row) -> Pick:
        """The event itself."""
        return Pick(event=str(row.keys[-1])) if row.keys else Pick()

    def kibana(self, panel: Panel, view: str) -> Embedded:
        """A saved search, by reference."""
        source = {
            "filter": [],
            "indexRefName": "kibanaSavedObjectMeta.searchSourceJSON.index",
            "query": {"language": "kuery", "query": panel.filter},
        }
        saved = {
            "columns": list(panel.settings["fields"]),
            "description": panel.description,
            "grid": {},
            "hideChart": True,
            "kibanaSavedObjectMeta": {
                "searchSourceJSON": json.dumps(source, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            },
            "sort": [["@timestamp", "desc"]],
            "title": panel.title,
        }
        reference = {"id": view, "name": "kibanaSavedObjectMeta.searchSourceJSON.index", "type": "index-pattern"}
        return Embedded("search", {}, (reference,), saved)

    def draw(self, panel: Panel, table: Table, view: View) -> SafeString:
        """A table, one line an event."""
        head = join('<th scope="col">{}</th>', ((title,) for title in ("Time", *table.dimensions[1:-1])))
        lines = SafeString("".join([_line(row, view) for row in table.rows]))
        return filled(
            '<div class="rows latest"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>', head, lines
        )


PANEL = LogList()


def _line(row: Row, view: View) -> str:
    time, *texts = row.keys[:-1]
    cells = [f'<td title="{text}">{text}</td>' for text in map(escaped, map(str, texts))]
    return f'<tr><th scope="row">{drawing.linked(row, key_text(time, view.zone), view)}</th>{"".join(cells)}</tr>'


def _text(source: dict[str, Any], path: Sequence[str]) -> str:
    value: Any = source
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)
