"""What is inside a dashboard: its panels, their columns and the fields of those, their references by name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from logging_pipeline.kibana.stringified import parsed

__all__ = ["panel_problems"]

Finding = tuple[str, str]
References = Mapping[str, Mapping[str, str]]

GRID_COLUMNS = 48

# Panels that Kibana 8.19 and 9.x draw.
PANEL_TYPES = frozenset(
    {
        "DASHBOARD_MARKDOWN",
        "aiopsChangePointChart",
        "aiopsLogRateAnalysis",
        "aiopsPatternAnalysis",
        "alerts_table",
        "apm_alerting",
        "field_stats_table",
        "image",
        "lens",
        "links",
        "log_stream",
        "LOG_STREAM_EMBEDDABLE",
        "map",
        "ml_anomaly_charts",
        "ml_anomaly_swimlane",
        "ml_single_metric_viewer",
        "search",
        "SLO_ALERTS_EMBEDDABLE",
        "SLO_BURN_RATE_EMBEDDABLE",
        "SLO_EMBEDDABLE",
        "SLO_ERROR_BUDGET_EMBEDDABLE",
        "SYNTHETICS_MONITORS_EMBEDDABLE",
        "SYNTHETICS_OVERVIEW_EMBEDDABLE",
        "visualization",
    }
)
LENS_TYPES = frozenset(
    {
        "lnsChoropleth",
        "lnsDatatable",
        "lnsGauge",
        "lnsHeatmap",
        "lnsLegacyMetric",
        "lnsMetric",
        "lnsMetricNew",  # lnsMetric until 8.5; Kibana renames it as it imports
        "lnsPie",
        "lnsTagcloud",
        "lnsXY",
    }
)
NO_FIELD = frozenset({"___records___", ""})


def panel_problems(
    item: Mapping[str, Any], references: References, fields: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    """
    What is wrong inside *item*, a saved object.

    Args:
        references: the object's own, by name.
        fields: of data views that are known, by the view's id.
    """
    attributes = item["attributes"]
    if item["type"] == "lens":
        yield from _lens(attributes, references, fields, "attributes")
    elif item["type"] == "dashboard":
        yield from _dashboard(attributes, references, fields)
    elif item["type"] == "search":
        yield from _search(attributes, references, fields)


def _dashboard(
    attributes: Mapping[str, Any], references: References, fields: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    panels = parsed(attributes.get("panelsJSON"), [])
    if not isinstance(panels, list):
        yield "panelsJSON", "is not a list"
        return
    seen: set[str] = set()
    for n, panel in enumerate(panels):
        where = f"panelsJSON[{n}]"
        if not isinstance(panel, dict):
            yield where, "is not an object"
            continue
        index = str(panel.get("panelIndex", ""))
        if index in seen:
            yield f"{where}.panelIndex", f"{index!r} stands twice"
        seen.add(index)
        yield from _grid(panel.get("gridData"), f"{where}.gridData")
        yield from _panel(panel, index, references, fields, where)


def _grid(grid: Any, where: str) -> Iterator[Finding]:
    if not isinstance(grid, dict) or not all(isinstance(grid.get(key), int) for key in "xywh"):
        yield where, "is not {x, y, w, h}"
    elif grid["x"] < 0 or grid["w"] < 1 or grid["x"] + grid["w"] > GRID_COLUMNS:
        yield where, f"is not within {GRID_COLUMNS} columns"


def _panel(
    panel: Mapping[str, Any],
    index: str,
    references: References,
    fields: Mapping[str, Collection[str]],
    where: str,
) -> Iterator[Finding]:
    kind = _text(panel.get("type", ""))  # Kibana 7 says it in the reference alone
    reference = panel.get("panelRefName")
    if reference is not None:
        target = references.get(f"{index}:{reference}") or references.get(str(reference))
        if target is None:
            yield f"{where}.panelRefName", f"no reference is called {index}:{reference}"
            return
        kind = kind or target["type"]
    if kind not in PANEL_TYPES:
        yield f"{where}.type", f"{kind!r} is no panel that Kibana 8.19 or 9.x draws"
        return
    config = panel.get("embeddableConfig")
    if not isinstance(config, dict):
        yield f"{where}.embeddableConfig", "is not an object"
        return
    own = {name.removeprefix(f"{index}:"): r for name, r in references.items() if name.startswith(f"{index}:")}
    if kind == "lens" and isinstance(config.get("attributes"), dict):
        yield from _lens(config["attributes"], own, fields, f"{where}.embeddableConfig.attributes")
    elif reference is None and kind in ("lens", "search") and "savedObjectId" not in config:
        yield f"{where}.embeddableConfig", "has neither attributes nor a reference: the panel would be empty"
    yield from _drill_downs(config, own, where)


def _drill_downs(config: Mapping[str, Any], own: References, where: str) -> Iterator[Finding]:
    enhancements = config.get("enhancements")
    for event in _objects(_object(_object(enhancements).get("dynamicActions")).get("events")):
        action = _object(event.get("action"))
        if action.get("factoryId") == "DASHBOARD_TO_DASHBOARD_DRILLDOWN":
            name = f"drilldown:DASHBOARD_TO_DASHBOARD_DRILLDOWN:{event.get('eventId')}:dashboardId"
            if name not in own and "dashboardId" not in _object(action.get("config")):
                yield f"{where}.enhancements", f"leads nowhere: no reference is called {name}"


def _lens(
    attributes: Mapping[str, Any], references: References, fields: Mapping[str, Collection[str]], where: str
) -> Iterator[Finding]:
    if _text(attributes.get("visualizationType")) not in LENS_TYPES:
        yield f"{where}.visualizationType", f"{attributes.get('visualizationType')!r} is no chart of Lens"
    state = attributes.get("state")
    if not isinstance(state, dict):
        yield f"{where}.state", "is not an object"
        return
    sources = _object(state.get("datasourceStates"))
    own = {_text(r.get("name")): r for r in _objects(attributes.get("references"))}
    internal = {_text(r.get("name")) for r in _objects(state.get("internalReferences"))}
    based = _object(sources.get("formBased") or sources.get("indexpattern"))  # its name before 8.6
    for layer_id, layer in _object(based.get("layers")).items():
        place = f"{where}.state.datasourceStates.formBased.layers.{layer_id}"
        name = f"indexpattern-datasource-layer-{layer_id}"
        view = references.get(name) or own.get(name)
        if view is None and name not in internal:
            yield place, f"no reference is called {name}: the layer has no data view"
        known = fields.get(_text(view.get("id"))) if view else None
        yield from _layer(_object(layer), known, place)


def _layer(layer: Mapping[str, Any], known: Collection[str] | None, where: str) -> Iterator[Finding]:
    columns = _object(layer.get("columns"))
    for name in _list(layer.get("columnOrder")):
        if _text(name) not in columns:
            yield f"{where}.columnOrder", f"no column is called {name!r}"
    for name, column in columns.items():
        place = f"{where}.columns.{name}"
        if not isinstance(column, dict):
            yield place, "is not an object"
            continue
        for reference in _list(column.get("references")):
            if _text(reference) not in columns:
                yield f"{place}.references", f"no column is called {reference!r}"
        field = _text(column.get("sourceField", ""))
        if known is not None and field not in NO_FIELD and field not in known:
            yield f"{place}.sourceField", f"the data view has no field {field!r}"


def _search(
    attributes: Mapping[str, Any], references: References, fields: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    if "kibanaSavedObjectMeta" not in attributes:  # the newest form, in which everything is in tabs
        for tab in _objects(attributes.get("tabs")):
            if "kibanaSavedObjectMeta" in _object(tab.get("attributes")):
                yield from _search(tab["attributes"], references, fields)
        return
    source = _object(parsed(_object(attributes.get("kibanaSavedObjectMeta")).get("searchSourceJSON"), {}))
    if source.get("indexRefName") is None:
        return  # the data view is written out in place, or the search is an ES|QL one
    name = _text(source["indexRefName"])
    if name not in references:
        yield "kibanaSavedObjectMeta.searchSourceJSON.indexRefName", f"no reference is called {name!r}"
        return
    known = fields.get(references[name]["id"])
    for column in map(_text, _list(attributes.get("columns"))):
        if known is not None and column not in known and column != "_source":
            yield "columns", f"the data view has no field {column!r}"


def _object(value: Any) -> dict[str, Any]:
    """An export may hold anything anywhere: what is no object has no keys."""
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in _list(value) if isinstance(item, dict)]


def _text(value: Any) -> str:
    """What is no text is written as Python shows it, which is the name of nothing."""
    return value if isinstance(value, str) else repr(value)
