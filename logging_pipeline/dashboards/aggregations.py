"""
Measures in groups, as Elasticsearch's aggregations, and its answer as a `Table`.

Only aggregations that the small distribution has as well: nothing automatic, nothing scripted, nothing after the fact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from logging_pipeline.contract import Contract
from logging_pipeline.dashboards.model import Breakdown, Measure, Panel
from logging_pipeline.dashboards.streams import condition, contract_of
from logging_pipeline.dashboards.table import Key, Row, Table, Value
from logging_pipeline.dashboards.window import Window

__all__ = ["OVER_TIME", "Dimension", "body", "filtered", "read"]

Aggregation = dict[str, Any]

UNIQUE_EXACT_UP_TO = 3_000  # above it Elasticsearch estimates, within a few per cent


class _OverTime:
    title = "time"


OVER_TIME = _OverTime()  # buckets of the window, the empty ones too
Dimension = Breakdown | _OverTime


def filtered(panel: Panel, window: Window, contract: Contract) -> Aggregation:
    """The query that every request of *panel* begins with: its time and its filter."""
    return {"bool": {"filter": [window.condition, condition(panel.filter, contract_of(contract, panel.categories))]}}


def body(
    panel: Panel, dimensions: Sequence[Dimension], window: Window, contract: Contract, *, totals: bool
) -> Aggregation:
    """
    What ``_search`` is asked for the measures of *panel* in groups by *dimensions*, the outermost first.

    With *totals* also for those of all events together, which can cost more than all groups.
    """
    own = contract_of(contract, panel.categories)
    aggregations = _level(panel.measures, dimensions, window, own)
    return {
        "size": 0,
        "track_total_hits": True,
        "query": filtered(panel, window, contract),
        "aggs": {**_measures(panel.measures, own), **aggregations} if totals else aggregations,
    }


def read(panel: Panel, dimensions: Sequence[Dimension], answer: dict[str, Any], *, totals: bool) -> Table:
    """The answer to `body`."""
    everything = {"doc_count": answer["hits"]["total"]["value"], **answer.get("aggregations", {})}
    readers = [_reader(n, measure) for n, measure in enumerate(panel.measures)]
    return Table(
        dimensions=tuple(d.title for d in dimensions),
        measures=panel.measures,
        rows=tuple(_rows(readers, dimensions, everything)) if "g" in everything else (),
        totals=tuple([value(everything) for value in readers]) if totals else (),
        not_shown=everything.get("g", {}).get("sum_other_doc_count", 0),
    )


def _level(
    measures: Sequence[Measure], dimensions: Sequence[Dimension], window: Window, own: Contract
) -> dict[str, Aggregation]:
    """The measures stand in the innermost groups; further out only what these groups are ordered by."""
    if not dimensions:
        return _measures(measures, own)
    first, *deeper = dimensions
    ordering = _measures(measures, own, only=first.order) if deeper and isinstance(first, Breakdown) else {}
    inside = {**ordering, **_level(measures, deeper, window, own)}
    return {"g": {**_group(first, measures, window, own), "aggs": inside}}


def _measures(measures: Sequence[Measure], own: Contract, *, only: str | None = None) -> dict[str, Aggregation]:
    """All, or that with the label *only*."""
    wanted = ((n, m) for n, m in enumerate(measures) if only is None or m.label == only)
    return {f"m{n}": made for n, m in wanted if (made := _measure(m, own))}


def _measure(measure: Measure, own: Contract) -> Aggregation | None:
    """None: the number of events is the bucket's own."""
    only = condition(measure.filter, own) if measure.filter else None
    if measure.function in ("count", "share"):
        return {"filter": only} if only else None
    value: Aggregation = {_NAMES[measure.function]: {"field": measure.field, **_extra(measure)}}
    return {"filter": only, "aggs": {"v": value}} if only else value


def _extra(measure: Measure) -> dict[str, Any]:
    if measure.function == "percentile":
        return {"percents": [measure.percent], "keyed": False}
    return {"precision_threshold": UNIQUE_EXACT_UP_TO} if measure.function == "unique" else {}


_NAMES = {
    "sum": "sum",
    "average": "avg",
    "min": "min",
    "max": "max",
    "unique": "cardinality",
    "percentile": "percentiles",
}


def _group(dimension: Dimension, measures: Sequence[Measure], window: Window, own: Contract) -> Aggregation:
    if isinstance(dimension, _OverTime):
        starts = window.starts_ms
        histogram = {
            "field": "@timestamp",
            "fixed_interval": f"{window.bucket[0]}ms",
            "min_doc_count": 0,
            "extended_bounds": {"min": starts[0], "max": starts[-1]},
        }
        return {"date_histogram": histogram}
    if dimension.filters:
        # In a list the answer keeps their order.
        named = [condition(kql, own) for _label, kql in dimension.filters]
        return {"filters": {"filters": named}}
    return {
        "terms": {"field": dimension.field, "size": dimension.size, "order": [_order(dimension, measures), _BY_KEY]}
    }


_BY_KEY = {"_key": "asc"}  # equals stand in the same order every time


def _order(breakdown: Breakdown, measures: Sequence[Measure]) -> dict[str, str]:
    for n, measure in enumerate(measures):
        if measure.label == breakdown.order:
            path = f"m{n}>v" if measure.filter and measure.field else f"m{n}"
            suffix = f"[{float(measure.percent)}]" if measure.function == "percentile" else ""
            return {f"{path}{suffix}" if measure.filter or measure.field else "_count": "desc"}
    return {"_count": "desc"}


Bucket = dict[str, Any]
Reader = Callable[[Bucket], Value]  # of one measure


def _rows(
    readers: Sequence[Reader],
    dimensions: Sequence[Dimension],
    above: Bucket,
    keys: tuple[Key, ...] = (),
) -> list[Row]:
    """The rows beneath *above*, whose own keys are *keys*."""
    dimension, *deeper = dimensions
    buckets = above["g"]["buckets"]
    own = [(*keys, key) for key in _keys(dimension, buckets)]
    if deeper:
        return [row for k, bucket in zip(own, buckets, strict=True) for row in _rows(readers, deeper, bucket, k)]
    columns = [[value(bucket) for bucket in buckets] for value in readers]
    return [Row(k, values) for k, values in zip(own, zip(*columns, strict=True), strict=True)]


def _keys(dimension: Dimension, buckets: Sequence[Bucket]) -> list[Key]:
    if isinstance(dimension, _OverTime):
        return [bucket["key"] for bucket in buckets]
    if dimension.filters:
        return [label for label, _kql in dimension.filters]
    return [str(bucket.get("key_as_string", bucket["key"])) for bucket in buckets]


def _reader(position: int, measure: Measure) -> Reader:
    """What reads *measure*, which stands at *position*, from a bucket."""
    name = f"m{position}"
    if measure.function == "count":
        return (lambda bucket: float(bucket[name]["doc_count"])) if measure.filter else _count
    read = {"share": _share, "percentile": _percentile}.get(measure.function, _value)
    return lambda bucket: read(bucket[name], bucket) if name in bucket else None


def _count(bucket: Bucket) -> Value:
    return float(bucket["doc_count"])


def _share(found: Bucket, bucket: Bucket) -> Value:
    return found["doc_count"] / bucket["doc_count"] if bucket["doc_count"] else None


def _percentile(found: Bucket, _bucket: Bucket) -> Value:
    number = found.get("v", found)["values"][0]["value"]
    return None if number is None else float(number)


def _value(found: Bucket, _bucket: Bucket) -> Value:
    number = found.get("v", found)["value"]
    return None if number is None else float(number)
