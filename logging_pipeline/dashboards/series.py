"""Rows over time as series: a line each, or a colour of the bars; and which colour that is."""

from __future__ import annotations

from dataclasses import dataclass

from logging_pipeline.dashboards.model import Measure
from logging_pipeline.dashboards.table import Key, Row, Table

__all__ = ["Series", "colour", "series_of"]

SERIES = 10  # colours that can be told apart

# What is known to be bad news has the colour of bad news, whatever its place among the others.
_MEANING = {
    **{name: f"level-{name}" for name in ("debug", "info", "warning", "error", "critical")},
    **dict.fromkeys(("5xx", "failed", "failure", "locked", "lost"), "level-error"),
    **dict.fromkeys(("4xx", "declined", "retry"), "level-warning"),
}


@dataclass(frozen=True, slots=True)
class Series:
    """
    One line, or one colour of the bars.

    Args:
        values: one for each bucket of the window.
        group: the keys before the time.
        colour: a class.
    """

    label: str
    measure: Measure
    values: tuple[float | None, ...]
    group: tuple[Key, ...]
    colour: str


def series_of(table: Table) -> tuple[Series, ...]:
    """Rows whose last key is a time, as series: one for each group before it, or one for each measure."""
    groups: dict[tuple[Key, ...], list[Row]] = {}
    for row in table.rows:
        groups.setdefault(row.keys[:-1], []).append(row)
    named = (
        (" · ".join([*map(str, group), *([measure.label] if not group or len(table.measures) > 1 else [])]), group, n)
        for group in groups
        for n, measure in enumerate(table.measures)
    )
    return tuple(
        Series(
            label,
            table.measures[n],
            tuple([value if isinstance(value := row.values[n], float) else None for row in groups[group]]),
            group,
            colour(label, position),
        )
        for position, (label, group, n) in enumerate(named)
    )


def colour(label: str, position: int) -> str:
    """The class of what is called *label* and stands at *position* in its legend."""
    return _MEANING.get(label.rpartition(".")[2].lower(), f"series-{position % SERIES}")
