"""The shape that every file in `panels` has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.utils.safestring import SafeString

from logging_pipeline.contract import Contract
from logging_pipeline.dashboards import aggregations
from logging_pipeline.dashboards.aggregations import Dimension
from logging_pipeline.dashboards.drawing import View
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.model import Breakdown, Panel
from logging_pipeline.dashboards.pick import Pick
from logging_pipeline.dashboards.table import Row, Table
from logging_pipeline.dashboards.window import Window

__all__ = ["ADDITIVE", "PanelType"]

ADDITIVE = ("count", "sum")  # what may be stacked, or shown as parts of a whole

Problem = tuple[str, str]  # key, what is wrong with it


class PanelType(ABC):
    """
    A way to show numbers (or events).

    Attributes:
        name: as definitions call it.
        measures: how many it takes.
        breakdowns: how many it takes.
        settings: those it knows, with their type; a setting without a default in `check` is optional.
        totals: whether it shows its measures of all events together.
        charted: whether it is drawn by `drawing.frame`, which `drawing.prepare` can begin before there is an answer.
    """

    name: ClassVar[str]
    measures: ClassVar[range] = range(1, 2)
    breakdowns: ClassVar[range] = range(1)
    settings: ClassVar[Mapping[str, tuple[type, ...]]] = {}
    totals: ClassVar[bool] = False
    charted: ClassVar[bool] = False

    def check(self, panel: Panel) -> Iterator[Problem]:
        """What is wrong with *panel* beyond its fields, its KQL and the number of its parts."""
        yield from ()

    def dimensions(self, panel: Panel) -> tuple[Dimension, ...]:
        """The groups of its rows, the outermost first."""
        return panel.breakdowns

    def query(self, panel: Panel, window: Window, contract: Contract) -> dict[str, Any] | None:
        """The body of its search; None when it asks nothing."""
        return aggregations.body(panel, self.dimensions(panel), window, contract, totals=self.totals)

    def read(self, panel: Panel, answer: dict[str, Any]) -> Table:
        """The answer to `query` as rows."""
        return aggregations.read(panel, self.dimensions(panel), answer, totals=self.totals)

    def pick(self, panel: Panel, row: Row) -> Pick:
        """The events that *row* of its table stands for, within those of *panel*."""
        values, conditions, start_ms = [], [], None
        for dimension, key in zip(self.dimensions(panel), row.keys, strict=False):
            if isinstance(key, int):
                start_ms = key
            elif isinstance(dimension, Breakdown) and key is not None:
                if dimension.field:
                    values.append((dimension.field, key))
                else:
                    conditions.append(dict(dimension.filters)[key])
        return Pick(tuple(values), tuple(conditions), start_ms)

    @abstractmethod
    def kibana(self, panel: Panel, view: str) -> Embedded:
        """The same panel for Kibana, over the data view *view*."""

    @abstractmethod
    def draw(self, panel: Panel, table: Table, view: View) -> SafeString:
        """*table* as HTML; all text of events escaped, no style and no script."""
