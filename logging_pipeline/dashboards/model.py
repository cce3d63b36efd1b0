"""What a dashboard is: panels on a grid, each with its question, what it counts and by what it breaks that down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "COLUMNS",
    "CURRENCIES",
    "FUNCTIONS",
    "MAX_ROWS",
    "UNITS",
    "Breakdown",
    "Control",
    "Dashboard",
    "DrillDown",
    "Function",
    "Grid",
    "Measure",
    "Panel",
    "Unit",
]

COLUMNS = 48  # Kibana's grid
MAX_ROWS = 40  # of one panel: as tall as the console's style knows

Function = Literal["count", "share", "sum", "average", "min", "max", "unique", "percentile"]
FUNCTIONS: tuple[Function, ...] = Function.__args__  # type: ignore[attr-defined]  # a Literal has its values there

Unit = Literal["number", "percent", "ns", "bytes", "cents", "euro_cents", "dollar_cents", "time"]
UNITS: tuple[Unit, ...] = Unit.__args__  # type: ignore[attr-defined]  # as above
CURRENCIES: dict[Unit, str] = {"cents": "", "euro_cents": "€", "dollar_cents": "$"}


@dataclass(frozen=True, slots=True)
class Grid:
    """A place on the grid: columns from the left, rows from the top."""

    x: int
    y: int
    w: int
    h: int

    @property
    def classes(self) -> str:
        """Where a page's style puts it; numbers of any language's form would be other classes."""
        return f"x-{self.x} w-{self.w} h-{self.h}"

    def overlaps(self, other: Grid) -> bool:
        """Whether both cover a cell."""
        return (
            self.x < other.x + other.w
            and other.x < self.x + self.w
            and self.y < other.y + other.h
            and other.y < self.y + self.h
        )


@dataclass(frozen=True, slots=True)
class Measure:
    """
    One number of a group of events.

    Args:
        function: ``count``; ``share``, the part of the events that *filter* matches; or one of a field's values.
        label: what it is called in the drawing.
        field: the contract's name; none for ``count`` and ``share``.
        percent: of ``percentile``, above 0 and below 100.
        filter: KQL: only these events are taken; for ``share`` the part that is wanted.
        unit: what the number is of.
    """

    function: Function
    label: str
    field: str = ""
    percent: float = 0
    filter: str = ""
    unit: Unit = "number"


@dataclass(frozen=True, slots=True)
class Breakdown:
    """
    Groups of events: by the values of *field*, or by *filters* (label → KQL) in their order.

    Args:
        size: how many values, the first in order.
        order: label of the measure that orders them, largest first; empty: the number of events.
    """

    field: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    size: int = 10
    order: str = ""
    label: str = ""

    @property
    def title(self) -> str:
        """What its column is called."""
        return self.label or self.field


@dataclass(frozen=True, slots=True)
class DrillDown:
    """Where a click leads: to ``logs``, or to the dashboard of that id; what was clicked becomes a filter there."""

    to: str


@dataclass(frozen=True, slots=True)
class Control:
    """A field by whose values the whole dashboard can be narrowed."""

    field: str
    title: str


@dataclass(frozen=True, slots=True)
class Panel:
    """
    One answer to one question.

    Args:
        id: fixed: links and Kibana's saved objects keep it.
        type: a file in `panels`.
        description: the question it answers.
        categories: whose data streams are asked.
        filter: KQL.
        time: a range of its own (``now-7d``), empty: the dashboard's.
        settings: what only this type has.
    """

    id: str
    type: str
    title: str
    description: str
    grid: Grid
    categories: tuple[str, ...] = ()
    filter: str = ""
    time: str = ""
    measures: tuple[Measure, ...] = ()
    breakdowns: tuple[Breakdown, ...] = ()
    drill_down: DrillDown | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page of panels; *id* is its file's name, *time* the range it opens with (``now-24h``)."""

    id: str
    title: str
    description: str
    time: str
    panels: tuple[Panel, ...]
    controls: tuple[Control, ...] = ()
    file: str = ""
