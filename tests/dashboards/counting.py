"""What a panel must show, counted in Python from the events themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from logging_pipeline.contract import Contract
from logging_pipeline.dashboards.model import Breakdown, Measure, Panel
from logging_pipeline.dashboards.streams import contract_of
from logging_pipeline.dashboards.window import Window
from logging_pipeline.kql import matcher, parse
from tests.dashboards.shop_day import flat

Event = dict[str, Any]
Test = Callable[[Event], bool]


@dataclass(frozen=True)
class Between:
    """A percentile that is estimated: anything between two values that stand near its rank."""

    low: float
    high: float


def matching(kql: str, contract: Contract) -> Test:
    """Whether an event matches; everything matches nothing said."""
    return matcher(parse(kql), contract) if kql else lambda _event: True


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


class Counter:
    """Counts *events* as *panel* should."""

    def __init__(self, panel: Panel, events: Sequence[Event], window: Window, contract: Contract) -> None:
        own = contract_of(contract, panel.categories)
        self.window = window
        self.tests = {kql: matching(kql, own) for kql in self._queries(panel)}
        datasets = {f"shop.{name}" for name in panel.categories}
        self.events = [
            event
            for event in events
            if flat(event)["data_stream.dataset"] in datasets
            and window.start <= datetime.fromisoformat(event["@timestamp"]) < window.end
            and self.tests[panel.filter](event)
        ]

    def rows(
        self, measures: Sequence[Measure], groups: Sequence[Breakdown | None], events: Sequence[Event] | None = None
    ) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
        """Keys and values of each group; None among *groups* is time."""
        within = self.events if events is None else events
        if not groups:
            yield (), self.values(measures, within)
            return
        for key, members in self._split(groups[0], measures, within):
            for keys, values in self.rows(measures, groups[1:], members):
                yield (key, *keys), values

    def values(self, measures: Sequence[Measure], events: Sequence[Event]) -> tuple[Any, ...]:
        return tuple(self._value(measure, events) for measure in measures)

    def _split(
        self, group: Breakdown | None, measures: Sequence[Measure], events: Sequence[Event]
    ) -> Iterator[tuple[Any, list[Event]]]:
        if group is None:
            width = self.window.bucket[0]
            for start in self.window.starts_ms:
                yield start, [e for e in events if start <= ms(e["@timestamp"]) < start + width]
            return
        if group.filters:
            for label, kql in group.filters:
                yield label, [e for e in events if self.tests[kql](e)]
            return
        found: dict[str, list[Event]] = {}
        for event in events:
            value = flat(event).get(group.field)
            for one in value if isinstance(value, list) else [value]:
                if one is not None:
                    found.setdefault(str(one), []).append(event)
        ordering = next((m for m in measures if group.order and m.label == group.order), Measure("count", ""))
        yield from sorted(found.items(), key=lambda pair: (-self._sortable(ordering, pair[1]), pair[0]))[: group.size]

    def _sortable(self, measure: Measure, events: Sequence[Event]) -> float:
        value = self._value(measure, events)
        return value.low if isinstance(value, Between) else float("-inf") if value is None else value

    def _value(self, measure: Measure, events: Sequence[Event]) -> Any:
        taken = [e for e in events if self.tests[measure.filter](e)]
        if measure.function == "count":
            return float(len(taken))
        if measure.function == "share":
            return len(taken) / len(events) if events else None
        values = [flat(e)[measure.field] for e in taken if flat(e).get(measure.field) is not None]
        if measure.unit == "time":
            values = [ms(v) for v in values]
        return _FUNCTIONS[measure.function](values, measure.percent)

    @staticmethod
    def _queries(panel: Panel) -> set[str]:
        filters = {kql for b in panel.breakdowns for _label, kql in b.filters}
        return {panel.filter, "", *(m.filter for m in panel.measures), *filters}


def _percentile(values: list[float], percent: float) -> Between | None:
    """Elasticsearch interpolates: what it says lies between the neighbours of the rank, one to each side."""
    if not values:
        return None
    ranked = sorted(values)
    at = percent / 100 * (len(ranked) - 1)
    return Between(ranked[max(0, int(at) - 1)], ranked[min(len(ranked) - 1, int(at) + 2)])


_FUNCTIONS: dict[str, Callable[[list[Any], float], Any]] = {
    "sum": lambda values, _percent: float(sum(values)),
    "average": lambda values, _percent: sum(values) / len(values) if values else None,
    "min": lambda values, _percent: float(min(values)) if values else None,
    "max": lambda values, _percent: float(max(values)) if values else None,
    "unique": lambda values, _percent: float(len(set(values))),
    "percentile": _percentile,
}
