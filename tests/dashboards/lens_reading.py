"""Reads a Lens layer as Kibana does, into aggregations, and their answer into rows: from the built file alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from logging_pipeline.contract import Contract
from logging_pipeline.dashboards.window import Window
from logging_pipeline.kql import parse, to_query

Column = dict[str, Any]


class Layer:
    """One layer of a panel's state; *own*: what KQL may speak of."""

    def __init__(self, state: dict[str, Any], name: str, own: Contract, window: Window) -> None:
        self.layer = state["datasourceStates"]["formBased"]["layers"][name]
        self.columns: dict[str, Column] = self.layer["columns"]
        self.query = state["query"]
        self.own = own
        self.window = window
        order = self.layer["columnOrder"]
        self.groups = [self.columns[c] for c in order if self.columns[c]["isBucketed"]]
        self.plain = {
            c: self.columns[c]
            for c in order
            if not self.columns[c]["isBucketed"] and self.columns[c]["operationType"] not in _COMPUTED
        }
        self.shown = [c for c in order if not self.columns[c]["isBucketed"] and "X" not in c and c[-1].isdigit()]

    def body(self) -> dict[str, Any]:
        query = {"bool": {"filter": [self.window.condition, self._kql(self.query)]}}
        return {"size": 0, "track_total_hits": True, "query": query, "aggs": self._aggs(self.groups)}

    def rows(self, answer: dict[str, Any]) -> list[tuple[tuple[Any, ...], tuple[Any, ...]]]:
        top = {"doc_count": answer["hits"]["total"]["value"], **answer["aggregations"]}
        return list(self._rows(self.groups, top))

    def _aggs(self, groups: list[Column]) -> dict[str, Any]:
        found = {name: self._metric(column) for name, column in self.plain.items()}
        if groups:
            found["group"] = {**self._group(groups[0]), "aggs": self._aggs(groups[1:])}
        return found

    def _metric(self, column: Column) -> dict[str, Any]:
        only = self._kql(column["filter"]) if "filter" in column else {"match_all": {}}
        name, field = column["operationType"], column["sourceField"]
        if name == "count":
            assert field == "___records___"
            return {"filter": only}
        more = {"percents": [column["params"]["percentile"]], "keyed": False} if name == "percentile" else {}
        return {"filter": only, "aggs": {"value": {_AGGREGATIONS[name]: {"field": field, **more}}}}

    def _group(self, column: Column) -> dict[str, Any]:
        if column["operationType"] == "date_histogram":
            starts = self.window.starts_ms
            bounds = {"min": starts[0], "max": starts[-1]} if column["params"]["includeEmptyRows"] else {}
            return {
                "date_histogram": {
                    "field": column["sourceField"],
                    "fixed_interval": f"{self.window.bucket[0]}ms",
                    "min_doc_count": 0,
                    "extended_bounds": bounds,
                }
            }
        params = column["params"]
        if column["operationType"] == "filters":
            return {"filters": {"filters": [self._kql(f["input"], "query") for f in params["filters"]]}}
        return {
            "terms": {
                "field": column["sourceField"],
                "size": params["size"],
                "order": [{self._order(params): params["orderDirection"]}, {"_key": "asc"}],
            }
        }

    def _order(self, params: dict[str, Any]) -> str:
        by = params["orderBy"]
        if by["type"] == "column":
            column, name = self.columns[by["columnId"]], by["columnId"]
            name = name if column["operationType"] == "count" else f"{name}>value"
            return f"{name}[{column['params']['percentile']:.1f}]" if column["operationType"] == "percentile" else name
        aggregation = params["orderAgg"]
        if aggregation["operationType"] == "count":
            return "_count"
        same = [n for n, c in self.plain.items() if c["sourceField"] == aggregation["sourceField"]]
        return f"{same[0]}>value"

    def _rows(self, groups: list[Column], above: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
        if not groups:
            yield (), tuple(self._value(name, above) for name in self.shown)
            return
        column = groups[0]
        for n, bucket in enumerate(above["group"]["buckets"]):
            if column["operationType"] == "filters":
                key: Any = column["params"]["filters"][n]["label"]
            elif column["operationType"] == "date_histogram":
                key = bucket["key"]
            else:
                key = str(bucket["key"])
            for keys, values in self._rows(groups[1:], bucket):
                yield (key, *keys), values

    def _value(self, name: str | float, bucket: dict[str, Any]) -> Any:
        if not isinstance(name, str):
            return name
        column = self.columns[name]
        if column["operationType"] == "formula":
            return self._value(column["references"][0], bucket)
        if column["operationType"] == "math":
            tree = column["params"]["tinymathAst"]
            assert tree["name"] == "divide"
            above, below = (self._value(argument, bucket) for argument in tree["args"])
            return above / below if below and above is not None else None
        found = bucket[name]
        if column["operationType"] == "count":
            return float(found["doc_count"])
        value = found["value"]
        return value["values"][0]["value"] if column["operationType"] == "percentile" else value["value"]

    def _kql(self, query: dict[str, Any], key: str = "query") -> dict[str, Any]:
        assert query["language"] == "kuery"
        return to_query(parse(query[key]), self.own) if query[key] else {"match_all": {}}


_COMPUTED = {"formula", "math", "static_value"}
_AGGREGATIONS = {
    "sum": "sum",
    "average": "avg",
    "min": "min",
    "max": "max",
    "unique_count": "cardinality",
    "percentile": "percentiles",
}
