"""
Measures and dimensions in Kibana's own form: a Lens state with one form-based layer.

The keys are those that Kibana 8.19 and 9.x write when a person makes the same panel. Numbers that are computed from
others (a share, cents as whole money) carry the parsed formula too: Kibana does not parse it again when it opens one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from logging_pipeline.dashboards.aggregations import Dimension
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.model import CURRENCIES, Breakdown, Measure, Panel

__all__ = ["LAYER", "TREND", "dimension_id", "embedded", "measure_id", "xy"]

LAYER = "layer"
TREND = "trend"
RECORDS = "___records___"
Column = dict[str, Any]


def embedded(
    panel: Panel,
    view: str,
    kind: str,
    visualization: dict[str, Any],
    dimensions: Sequence[Dimension],
    *,
    fixed: Mapping[str, float] | None = None,
    trend: Sequence[Dimension] = (),
) -> Embedded:
    """
    A Lens panel of *kind* (``lnsXY``) over the data view *view*.

    Args:
        fixed: columns that are always the same number, by their id.
        trend: dimensions of the layer `TREND`, the line behind a metric; none, no such layer.
    """
    columns = {**dict(_columns(panel, dimensions)), **{name: _fixed(name, n) for name, n in (fixed or {}).items()}}
    layers = {LAYER: {"columnOrder": list(columns), "columns": columns, "incompleteColumns": {}, "sampling": 1}}
    if trend:
        behind = dict(_columns(panel, trend, prefix=f"{TREND}-"))
        layers[TREND] = {
            "columnOrder": list(behind),
            "columns": behind,
            "incompleteColumns": {},
            "linkToLayers": [LAYER],
            "sampling": 1,
        }
    references = [
        {"id": view, "name": f"indexpattern-datasource-layer-{layer}", "type": "index-pattern"} for layer in layers
    ]
    return Embedded(
        type="lens",
        config={"attributes": _attributes(panel, kind, visualization, layers, references)},
        references=tuple(references),
    )


def _attributes(
    panel: Panel, kind: str, visualization: dict[str, Any], layers: dict[str, Any], references: list[dict[str, str]]
) -> dict[str, Any]:
    return {
        "title": panel.title,
        "description": panel.description,
        "visualizationType": kind,
        "type": "lens",
        "references": references,
        "state": {
            "adHocDataViews": {},
            "internalReferences": [],
            "datasourceStates": {"formBased": {"layers": layers}},
            "filters": [],
            "query": {"language": "kuery", "query": panel.filter},
            "visualization": visualization,
        },
    }


def xy(series: str, x: int, measures: int, *, split: int | None = None, values: bool = False) -> dict[str, Any]:
    """A chart with two axes: dimension *x* along it, one line or bar for each measure, or for each value of *split*."""
    layer = {
        "accessors": [measure_id(n) for n in range(measures)],
        "layerId": LAYER,
        "layerType": "data",
        "position": "top",
        "seriesType": series,
        "showGridlines": False,
        "xAccessor": dimension_id(x),
        **({} if split is None else {"splitAccessor": dimension_id(split)}),
    }
    return {
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
        "fittingFunction": "None",
        "layers": [layer],
        "legend": {"isVisible": measures > 1 or split is not None, "position": "right"},
        "preferredSeriesType": series,
        "valueLabels": "show" if values else "hide",
        "yLeftExtent": {"mode": "full"},
    }


def dimension_id(position: int) -> str:
    """The column of a panel's dimension."""
    return f"d{position}"


def measure_id(position: int) -> str:
    """The column of a panel's measure."""
    return f"m{position}"


def _columns(panel: Panel, dimensions: Sequence[Dimension], prefix: str = "") -> Iterator[tuple[str, Column]]:
    for n, dimension in enumerate(dimensions):
        yield f"{prefix}{dimension_id(n)}", _dimension(dimension, panel.measures)
    for n, measure in enumerate(panel.measures):
        yield from _measure(f"{prefix}{measure_id(n)}", measure)


def _fixed(label: str, number: float) -> Column:
    return {
        "customLabel": True,
        "dataType": "number",
        "isBucketed": False,
        "isStaticValue": True,
        "label": label,
        "operationType": "static_value",
        "params": {"value": f"{number:g}"},
        "references": [],
        "scale": "ratio",
    }


def _dimension(dimension: Dimension, measures: Sequence[Measure]) -> Column:
    if not isinstance(dimension, Breakdown):
        return {
            **_bucket("@timestamp", "date", "interval"),
            "operationType": "date_histogram",
            "sourceField": "@timestamp",
            "params": {"dropPartials": False, "includeEmptyRows": True, "interval": "auto"},
        }
    if dimension.filters:
        filters = [{"input": {"language": "kuery", "query": kql}, "label": label} for label, kql in dimension.filters]
        return {
            **_bucket(dimension.title, "string", "ordinal"),
            "operationType": "filters",
            "params": {"filters": filters},
        }
    return {
        **_bucket(dimension.title, "string", "ordinal"),
        "operationType": "terms",
        "sourceField": dimension.field,
        "params": {
            "exclude": [],
            "excludeIsRegex": False,
            "include": [],
            "includeIsRegex": False,
            "missingBucket": False,
            "otherBucket": False,
            "orderDirection": "desc",
            "parentFormat": {"id": "terms"},
            "size": dimension.size,
            **_order(dimension, measures),
        },
    }


def _bucket(label: str, data_type: str, scale: str) -> Column:
    return {"customLabel": True, "dataType": data_type, "isBucketed": True, "label": label, "scale": scale}


def _order(breakdown: Breakdown, measures: Sequence[Measure]) -> dict[str, Any]:
    for n, measure in enumerate(measures):
        if measure.label == breakdown.order and not _is_computed(measure):
            return {"orderBy": {"columnId": measure_id(n), "type": "column"}}
        if measure.label == breakdown.order:
            return {"orderBy": {"type": "custom"}, "orderAgg": _plain(measure, measure.filter)}
    return {"orderBy": {"type": "custom"}, "orderAgg": _plain(Measure("count", "Events"), "")}


def _is_computed(measure: Measure) -> bool:
    return measure.function == "share" or measure.unit in CURRENCIES


def _measure(column: str, measure: Measure) -> Iterator[tuple[str, Column]]:
    if not _is_computed(measure):
        yield column, {**_plain(measure, measure.filter), "label": measure.label}
        return
    if measure.function == "share":
        formula = f"count(kql='{_quoted(measure.filter)}') / count()"
        parts = [_plain(Measure("count", ""), measure.filter), _plain(Measure("count", ""), "")]
        yield from _formula(column, measure, formula, parts, [])
        return
    filtered = f", kql='{_quoted(measure.filter)}'" if measure.filter else ""
    percent = f", percentile={measure.percent:g}" if measure.function == "percentile" else ""
    operation = _OPERATIONS[measure.function]
    formula = f"{operation}({measure.field}{percent}{filtered}) / 100"
    yield from _formula(column, measure, formula, [_plain(measure, measure.filter)], [100])


def _formula(
    column: str, measure: Measure, formula: str, parts: list[Column], numbers: list[int]
) -> Iterator[tuple[str, Column]]:
    """A quotient: of two *parts*, or of one and a number."""
    names = [f"{column}X{n}" for n in range(len(parts))]
    whole = f"{column}X{len(parts)}"
    label = f"Part of {measure.label}"
    tree = {
        "type": "function",
        "name": "divide",
        "args": [*names, *numbers],
        "location": {"min": 0, "max": len(formula)},
        "text": formula,
    }
    shape = {"customLabel": True, "dataType": "number", "isBucketed": False, "scale": "ratio"}
    params = {"formula": formula, "isFormulaBroken": False, **_format(measure)}
    yield (
        column,
        {**shape, "operationType": "formula", "label": measure.label, "references": [whole], "params": params},
    )
    for name, part in zip(names, parts, strict=True):
        yield name, {**part, "label": label}
    yield (
        whole,
        {**shape, "operationType": "math", "label": label, "references": names, "params": {"tinymathAst": tree}},
    )


def _plain(measure: Measure, only: str) -> Column:
    """One operation on one field, or the count of events."""
    is_time = measure.unit == "time"
    column: Column = {
        "customLabel": True,
        "dataType": "date" if is_time else "number",
        "isBucketed": False,
        "label": measure.label,
        "operationType": _OPERATIONS[measure.function],
        "scale": "ratio",
        "sourceField": measure.field or RECORDS,
        "params": {"emptyAsNull": False, **({} if _is_computed(measure) else _format(measure))},
    }
    if measure.function == "percentile":
        column["params"]["percentile"] = measure.percent
    if only:
        column["filter"] = {"language": "kuery", "query": only}
    return column


def _format(measure: Measure) -> dict[str, Any]:
    made = _FORMATS.get(measure.unit)
    return {"format": made} if made else {}


_OPERATIONS = {
    "count": "count",
    "sum": "sum",
    "average": "average",
    "min": "min",
    "max": "max",
    "unique": "unique_count",
    "percentile": "percentile",
}
_FORMATS: dict[str, dict[str, Any]] = {
    "percent": {"id": "percent", "params": {"decimals": 2}},
    "bytes": {"id": "bytes", "params": {"decimals": 1}},
    "cents": {"id": "number", "params": {"decimals": 2}},
    "euro_cents": {"id": "number", "params": {"decimals": 2, "suffix": " €"}},
    "dollar_cents": {"id": "number", "params": {"decimals": 2, "suffix": " $"}},
    "ns": {"id": "duration", "params": {"decimals": 1, "fromUnit": "nanoseconds", "toUnit": "humanizePrecise"}},
}


def _quoted(kql: str) -> str:
    """KQL within a formula's quotes."""
    return kql.replace("\\", "\\\\").replace("'", "\\'")
