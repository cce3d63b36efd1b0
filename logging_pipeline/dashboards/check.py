"""What is wrong with dashboards before anybody imports them: held to the contract, to their types and to each other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from logging_pipeline.contract import Contract, Event, Field
from logging_pipeline.dashboards.definitions import load, nearest
from logging_pipeline.dashboards.model import Breakdown, Dashboard, Measure, Panel
from logging_pipeline.dashboards.panel_type import PanelType
from logging_pipeline.dashboards.registry import panel_types
from logging_pipeline.dashboards.streams import contract_of, fields_of, known_streams
from logging_pipeline.errors import DashboardError
from logging_pipeline.kql import KqlError, Node, parse, to_query
from logging_pipeline.kql.syntax import And, Is, Literal, Nested, Not, Or

__all__ = ["LOGS", "check", "check_folder"]

LOGS = "logs"  # a drill-down to the log search

_NUMBERS = frozenset({"long", "double"})
_TIMES = frozenset({"date", "date_nanos"})
_GROUPS = frozenset({"keyword", "long", "boolean", "ip"})

# Function → types of fields whose values it can take.
_TAKES: dict[str, frozenset[str]] = {
    "sum": _NUMBERS,
    "average": _NUMBERS,
    "percentile": _NUMBERS,
    "min": _NUMBERS | _TIMES,
    "max": _NUMBERS | _TIMES,
    "unique": _GROUPS | _TIMES,
}

Finding = tuple[str, str]  # key, problem


def check_folder(folder: Path, contract: Contract) -> tuple[list[Dashboard], list[DashboardError]]:
    """The dashboards of *folder* that can be read, and everything that is wrong with any."""
    dashboards: list[Dashboard] = []
    problems: list[DashboardError] = []
    files = sorted(folder.glob("*.yml"))
    if not files:
        problems.append(DashboardError("there is no *.yml file in it", file=str(folder)))
    strays = sorted(folder.glob("*.yaml"))
    problems += [DashboardError("is passed over: only names that end in .yml are read", file=str(f)) for f in strays]
    for file in files:
        try:
            dashboards.append(load(file))
        except DashboardError as error:
            problems.append(error)
    ids = {file.stem for file in files}  # also of those that cannot be read: one mistake is told once
    return dashboards, [*problems, *check(dashboards, contract, ids)]


def check(dashboards: Sequence[Dashboard], contract: Contract, ids: set[str] | None = None) -> list[DashboardError]:
    """
    Everything that is wrong with *dashboards*.

    Args:
        ids: dashboards that a drill-down may lead to; without it, those given.
    """
    targets = ids or {d.id for d in dashboards}
    return [problem for dashboard in dashboards for problem in _dashboard(dashboard, contract, targets)]


def _dashboard(dashboard: Dashboard, contract: Contract, targets: set[str]) -> Iterator[DashboardError]:
    def at(panel: str, finding: Finding) -> DashboardError:
        return DashboardError(finding[1], file=dashboard.file, panel=panel, key=finding[0])

    for n, control in enumerate(dashboard.controls):
        for problem in _group_field(control.field, dict(contract.fields)):
            yield at("", (f"controls[{n}].field", problem))
    for n, panel in enumerate(dashboard.panels):
        for other in dashboard.panels[:n]:
            if other.id == panel.id:
                yield at(panel.id, ("id", "is that of another panel of this dashboard"))
            elif _same(panel, other):
                yield at(panel.id, ("", f"shows the same as panel {other.id!r}"))
            if panel.grid.overlaps(other.grid):
                yield at(panel.id, ("grid", f"overlaps panel {other.id!r}"))
        for finding in _panel(panel, contract, targets):
            yield at(panel.id, finding)


def _same(panel: Panel, other: Panel) -> bool:
    return replace(panel, id="", title="", description="", grid=other.grid) == replace(
        other, id="", title="", description=""
    )


def _panel(panel: Panel, contract: Contract, targets: set[str]) -> Iterator[Finding]:
    kind = panel_types().get(panel.type)
    if kind is None:
        yield "type", f"there is no type {panel.type!r}{nearest(panel.type, panel_types())}"
        return
    yield from _settings(panel, kind)
    for part, wanted in (("measures", kind.measures), ("breakdowns", kind.breakdowns)):
        count = len(getattr(panel, part))
        if count not in wanted:
            yield part, f"are {count}; {panel.type} takes {_range(wanted)}"
            return
    known = known_streams(contract)
    unknown = [name for name in panel.categories if name not in known]
    for name in unknown:
        yield "categories", f"there is no category {name!r}{nearest(name, known)}"
    if not unknown and panel.type != "markdown":
        yield from _asked(panel, contract)
    if panel.drill_down and panel.drill_down.to not in (*targets, LOGS):
        to = panel.drill_down.to
        yield "drill_down.to", f"there is no dashboard {to!r}{nearest(to, (*targets, LOGS))}"


def _range(wanted: range) -> str:
    if not wanted or wanted[-1] == 0:
        return "none"
    return f"{wanted[0]}" if len(wanted) == 1 else f"{wanted[0]} to {wanted[-1]}"


def _settings(panel: Panel, kind: PanelType) -> Iterator[Finding]:
    sound = True
    for name, value in panel.settings.items():
        if name not in kind.settings:
            yield f"settings.{name}", f"{panel.type} has no such setting{nearest(str(name), kind.settings)}"
        elif type(value) not in kind.settings[name]:
            sound = False
            yield f"settings.{name}", f"{value!r} is not {' or '.join(t.__name__ for t in kind.settings[name])}"
        elif isinstance(value, float) and not math.isfinite(value):
            sound = False
            yield f"settings.{name}", f"{value!r} is no number that can be drawn"
    if sound:
        yield from kind.check(panel)


def _asked(panel: Panel, contract: Contract) -> Iterator[Finding]:
    """What a panel asks: its KQL, its measures, its breakdowns."""
    if not panel.categories:
        yield "categories", "are missing: whose events does it show?"
        return
    own, fields = contract_of(contract, panel.categories), fields_of(contract, panel.categories)
    every = {event.name for name in panel.categories if name in contract.by_name for event in _events(contract, name)}
    for key, kql in _queries(panel):
        for problem in _kql(kql, own, every):
            yield key, problem
    for n, measure in enumerate(panel.measures):
        for key, problem in _measure(measure, fields):
            yield f"measures[{n}].{key}", problem
    for n, breakdown in enumerate(panel.breakdowns):
        for key, problem in _breakdown(breakdown, panel.measures, fields):
            yield f"breakdowns[{n}].{key}", problem
    yield from _repeated(panel)
    for name in _columns(panel):
        if name not in fields:
            yield "settings.fields", _no_field(name, fields)


def _repeated(panel: Panel) -> Iterator[Finding]:
    """What stands twice and would be taken for one: labels, by which groups are ordered, and categories."""
    labels = [measure.label for measure in panel.measures]
    for part, names, key in (("categories", panel.categories, ""), ("measures", labels, ".label")):
        for n, name in enumerate(names):
            if name in names[:n]:
                yield f"{part}[{n}]{key}", f"{name!r} stands twice"


def _columns(panel: Panel) -> list[str]:
    """The fields that a list of events shows; what is no name its type has told."""
    named = panel.settings.get("fields")
    if panel.type != "log_list" or not isinstance(named, list):
        return []
    return [name for name in named if isinstance(name, str)]


def _events(contract: Contract, category: str) -> tuple[Event, ...]:
    return contract.by_name[category].events


def _queries(panel: Panel) -> Iterator[tuple[str, str]]:
    yield "filter", panel.filter
    for n, measure in enumerate(panel.measures):
        yield f"measures[{n}].filter", measure.filter
    for n, breakdown in enumerate(panel.breakdowns):
        for label, kql in breakdown.filters:
            yield f"breakdowns[{n}].filters.{label}", kql


def _kql(kql: str, own: Contract, events: set[str]) -> Iterator[str]:
    if not kql:
        return
    try:
        node = parse(kql)
        to_query(node, own)
    except KqlError as error:
        yield str(error)
        return
    for name in _event_names(node):
        if name not in events:
            yield f"no event is called {name!r} in these categories{nearest(name, events)}"


def _event_names(node: Node) -> Iterator[str]:
    """The names of events that a query asks for, where it writes them out."""
    match node:
        case Is(field=Literal(text="event.action"), value=Literal(text=name)):
            yield name
        case And(nodes=nodes) | Or(nodes=nodes):
            for inner in nodes:
                yield from _event_names(inner)
        case Not(node=inner) | Nested(node=inner):
            yield from _event_names(inner)


def _measure(measure: Measure, fields: dict[str, Field]) -> Iterator[Finding]:
    if measure.function in ("count", "share"):
        if measure.field:
            yield "field", f"{measure.function} takes none: it is of events"
        if measure.function == "share" and not measure.filter:
            yield "filter", "is missing: share of what?"
        return
    if measure.function == "percentile" and not 0 < measure.percent < 100:
        yield "percent", f"{measure.percent:g} is not above 0 and below 100"
    if measure.function != "percentile" and measure.percent:
        yield "percent", "belongs to percentile alone"
    if measure.field not in fields:
        yield "field", _no_field(measure.field, fields)
        return
    found = fields[measure.field].type
    if found not in _TAKES[measure.function]:
        yield (
            "field",
            f"{measure.field} is a {found}: {measure.function} takes {', '.join(sorted(_TAKES[measure.function]))}",
        )
    elif (found in _TIMES and measure.function != "unique") != (measure.unit == "time"):
        yield "unit", f"{measure.field} is a {found}: the unit time is for dates, and theirs is no other"


def _breakdown(breakdown: Breakdown, measures: Sequence[Measure], fields: dict[str, Field]) -> Iterator[Finding]:
    if breakdown.field:
        for problem in _group_field(breakdown.field, fields):
            yield "field", problem
    if not breakdown.order:
        return
    ordering = next((m for m in measures if m.label == breakdown.order), None)
    if ordering is None:
        labels = [m.label for m in measures]
        yield "order", f"no measure is called {breakdown.order!r}{nearest(breakdown.order, labels)}"
    elif ordering.function == "share":
        yield "order", "a share cannot order: Elasticsearch knows it only when all groups are counted"


def _group_field(name: str, fields: dict[str, Field]) -> Iterator[str]:
    if name not in fields:
        yield _no_field(name, fields)
    elif fields[name].type not in _GROUPS:
        yield f"{name} is a {fields[name].type}, which has no groups: take one of {', '.join(sorted(_GROUPS))}"


def _no_field(name: str, fields: dict[str, Field]) -> str:
    return f"no event here has a field {name!r}{nearest(name, fields)}"
