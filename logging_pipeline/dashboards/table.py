"""What a panel shows, as plain rows: the same for a drawing, for a test and for a download."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from logging_pipeline.dashboards.model import Measure

__all__ = ["Key", "Row", "Table", "Value"]

Key = str | int | None  # the value of a field, the label of a filter, when a bucket begins (milliseconds); None: any
Value = float | str | None  # None: there is nothing to measure, which is not 0


class Row(NamedTuple):
    """One group: its *keys*, one a dimension, and its *values*, one a measure."""

    keys: tuple[Key, ...]
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """
    Groups in the order in which they are shown.

    Args:
        dimensions: titles of the rows' keys.
        measures: what the rows' values are.
        totals: the same measures of all events together; none for types that do not show them.
        not_shown: events in groups beyond the wanted number.
    """

    dimensions: tuple[str, ...]
    measures: tuple[Measure, ...]
    rows: tuple[Row, ...]
    totals: tuple[Value, ...] = ()
    not_shown: int = 0
