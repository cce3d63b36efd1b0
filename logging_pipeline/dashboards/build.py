"""
What Kibana 8.19 and 9.x import: dashboards, and the data views, saved searches and the tag that they need.

The same definitions always give the same bytes: ids follow from names, keys are sorted, one object a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from logging_pipeline.contract import Contract
from logging_pipeline.dashboards.embedded import Embedded
from logging_pipeline.dashboards.model import Dashboard, Panel
from logging_pipeline.dashboards.registry import panel_types
from logging_pipeline.dashboards.streams import fields_of

__all__ = ["SavedObject", "build", "ndjson"]

SavedObject = dict[str, Any]

# Migrations that have been run: without them Kibana would migrate what is already in today's form.
CORE_VERSION = "8.8.0"
VERSIONS = {"dashboard": "10.2.0", "index-pattern": "8.0.0", "search": "10.5.0", "tag": "8.0.0"}

REFRESH_MS = 60_000
_NANOSECONDS = {
    "id": "duration",
    "params": {"inputFormat": "nanoseconds", "outputFormat": "humanizePrecise", "outputPrecision": 1},
}


def ndjson(objects: Iterable[SavedObject]) -> str:
    """One object a line, as Kibana's ``_import`` takes it in a file that ends in ``.ndjson``."""
    return "".join(f"{_json(found)}\n" for found in objects)


def build(dashboards: Sequence[Dashboard], contract: Contract, app: str) -> list[SavedObject]:
    """Everything that the dashboards of *app* need, what is referred to before what refers to it."""
    views = {panel.categories for dashboard in dashboards for panel in dashboard.panels if panel.categories}
    views |= {_every_category(dashboard) for dashboard in dashboards if dashboard.controls}
    return [
        _tag(app),
        *(_data_view(app, categories, contract) for categories in sorted(views)),
        *(search for dashboard in dashboards for search in _searches(app, dashboard)),
        *(_dashboard(app, dashboard) for dashboard in dashboards),
    ]


def _saved(kind: str, name: str, attributes: dict[str, Any], references: Iterable[dict[str, str]] = ()) -> SavedObject:
    return {
        "attributes": attributes,
        "coreMigrationVersion": CORE_VERSION,
        "id": name,
        "managed": False,
        "references": sorted(references, key=lambda reference: reference["name"]),
        "type": kind,
        "typeMigrationVersion": VERSIONS[kind],
    }


def _tag(app: str) -> SavedObject:
    attributes = {"color": "#2554c7", "description": f"Dashboards of the logs of {app}", "name": f"logs {app}"}
    return _saved("tag", _tag_id(app), attributes)


def _tag_id(app: str) -> str:
    return f"logpipe-{app}"


def _view_id(app: str, categories: Sequence[str]) -> str:
    return f"logpipe-{app}-view-{'-'.join(categories)}"


def _every_category(dashboard: Dashboard) -> tuple[str, ...]:
    """Of all its panels, for the values that its controls offer."""
    return tuple(dict.fromkeys(name for panel in dashboard.panels for name in panel.categories))


def _data_view(app: str, categories: Sequence[str], contract: Contract) -> SavedObject:
    fields = fields_of(contract, categories)
    formats = {name: _NANOSECONDS for name in fields if name == "event.duration" or name.endswith("_ns")}
    attributes = {
        "allowHidden": False,
        "allowNoIndex": True,
        "fieldAttrs": _json({f.name: {"customDescription": f.description[:300]} for f in fields.values()}),
        "fieldFormatMap": _json(formats),
        "fields": "[]",
        "name": f"Logs of {app}: {', '.join(categories)}",
        "runtimeFieldMap": "{}",
        "sourceFilters": "[]",
        "timeFieldName": "@timestamp",
        "title": ",".join(f"logs-{app}.{category}-*" for category in categories),
    }
    return _saved("index-pattern", _view_id(app, categories), attributes)


def _searches(app: str, dashboard: Dashboard) -> Iterator[SavedObject]:
    for panel in dashboard.panels:
        made = _embedded(app, panel)
        if made.saved is not None:
            yield _saved(made.type, _search_id(app, dashboard, panel), made.saved, [*made.references, _tagged(app)])


def _search_id(app: str, dashboard: Dashboard, panel: Panel) -> str:
    return f"logpipe-{app}-{dashboard.id}-{panel.id}"


def _tagged(app: str) -> dict[str, str]:
    return {"id": _tag_id(app), "name": f"tag-ref-{_tag_id(app)}", "type": "tag"}


def _embedded(app: str, panel: Panel) -> Embedded:
    return panel_types()[panel.type].kibana(panel, _view_id(app, panel.categories))


def _dashboard(app: str, dashboard: Dashboard) -> SavedObject:
    made = [_panel(app, dashboard, panel) for panel in dashboard.panels]
    references = [reference for _panel, own in made for reference in own]
    view = _view_id(app, _every_category(dashboard))
    attributes = {
        "controlGroupInput": _controls(dashboard),
        "description": dashboard.description,
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": _json({"filter": [], "query": {"language": "kuery", "query": ""}})
        },
        "optionsJSON": _json(
            {
                "hidePanelTitles": False,
                "syncColors": False,
                "syncCursor": True,
                "syncTooltips": False,
                "useMargins": True,
            }
        ),
        "panelsJSON": _json([panel for panel, _references in made]),
        "refreshInterval": {"pause": True, "value": REFRESH_MS},
        "timeFrom": dashboard.time,
        "timeRestore": True,
        "timeTo": "now",
        "title": f"{app}: {dashboard.title}",
        "version": 1,
    }
    for n, _control in enumerate(dashboard.controls):
        references.append(
            {"id": view, "name": f"controlGroup_{_control_id(n)}:optionsListDataView", "type": "index-pattern"}
        )
    return _saved("dashboard", _dashboard_id(app, dashboard.id), attributes, [*references, _tagged(app)])


def _dashboard_id(app: str, name: str) -> str:
    return f"logpipe-{app}-{name}"


def _panel(app: str, dashboard: Dashboard, panel: Panel) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """A panel of ``panelsJSON``, and what it refers to by the names that it has in the dashboard."""
    made = _embedded(app, panel)
    config = dict(made.config)
    if panel.time:
        config["timeRange"] = {"from": panel.time, "to": "now"}
    references = [] if made.saved is not None else list(made.references)
    if panel.drill_down and made.type == "lens":
        events, more = _drill_down(app, panel.drill_down.to)
        config["enhancements"] = {"dynamicActions": {"events": events}}
        references += more
    found: dict[str, Any] = {
        "embeddableConfig": config,
        "gridData": {"h": panel.grid.h, "i": panel.id, "w": panel.grid.w, "x": panel.grid.x, "y": panel.grid.y},
        "panelIndex": panel.id,
        "title": panel.title,
        "type": made.type,
    }
    if made.saved is not None:
        found["panelRefName"] = f"panel_{panel.id}"
        target = _search_id(app, dashboard, panel)
        references.append({"id": target, "name": f"panel_{panel.id}", "type": made.type})
    return found, [{**reference, "name": f"{panel.id}:{reference['name']}"} for reference in references]


def _drill_down(app: str, to: str) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    event = "drill-down"
    if to == "logs":
        action: dict[str, Any] = {"config": {"openInNewTab": False}, "factoryId": "OPEN_IN_DISCOVER_DRILLDOWN"}
        references = []
    else:
        config = {"openInNewTab": False, "useCurrentDateRange": True, "useCurrentFilters": True}
        action = {"config": config, "factoryId": "DASHBOARD_TO_DASHBOARD_DRILLDOWN"}
        name = f"drilldown:DASHBOARD_TO_DASHBOARD_DRILLDOWN:{event}:dashboardId"
        references = [{"id": _dashboard_id(app, to), "name": name, "type": "dashboard"}]
    label = "See the events" if to == "logs" else f"Go to {to}"
    return [{"action": {**action, "name": label}, "eventId": event, "triggers": ["FILTER_TRIGGER"]}], references


def _controls(dashboard: Dashboard) -> dict[str, Any]:
    panels = {
        _control_id(n): {
            "explicitInput": {
                "exclude": False,
                "existsSelected": False,
                "fieldName": control.field,
                "id": _control_id(n),
                "selectedOptions": [],
                "singleSelect": False,
                "title": control.title,
            },
            "grow": True,
            "order": n,
            "type": "optionsListControl",
            "width": "medium",
        }
        for n, control in enumerate(dashboard.controls)
    }
    ignore = {"ignoreFilters": False, "ignoreQuery": False, "ignoreTimerange": False, "ignoreValidations": False}
    return {
        "chainingSystem": "HIERARCHICAL",
        "controlStyle": "oneLine",
        "ignoreParentSettingsJSON": _json(ignore),
        "panelsJSON": _json(panels),
        "showApplySelections": False,
    }


def _control_id(position: int) -> str:
    return f"control-{position}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
