"""A real Elasticsearch with a known week of a shop in it."""

from __future__ import annotations

import importlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from logging_pipeline.contract import Contract, contract
from logging_pipeline.dashboards.definitions import load_folder
from logging_pipeline.dashboards.model import Dashboard, Panel
from logging_pipeline.indexes import setup
from logging_pipeline.settings import Settings, load
from tests.dashboards.shop_day import events

FOLDER = Path(__file__).resolve().parents[2] / "dashboards/definitions"
NOW = datetime(2026, 3, 4, 12, 34, 56, tzinfo=UTC)


@dataclass(frozen=True)
class Shop:
    """Where the events are, and the events."""

    settings: Settings
    server: Any
    events: list[dict[str, Any]]


def dashboards() -> tuple[Dashboard, ...]:
    """The versioned ones."""
    return load_folder(FOLDER)


def panels() -> list[Any]:
    """Every panel of every versioned dashboard, as a test's parameter."""
    return [pytest.param(d, p, id=f"{d.id}/{p.id}") for d in dashboards() for p in d.panels]


def counted_panels() -> list[Any]:
    """Those that show numbers."""
    return [p for p in panels() if p.values[1].type not in ("markdown", "log_list")]


def groups(panel: Panel) -> tuple[Any, ...]:
    """By what a panel of this type groups; None is time. Written out here, not asked of the types."""
    over_time = {"line", "percentiles", "stacked_bar", "area", "heatmap"}
    trend = panel.type == "metric" and panel.settings.get("trend", True)
    return (*panel.breakdowns, None) if panel.type in over_time or trend else panel.breakdowns


@pytest.fixture(scope="session")
def project() -> Contract:
    """The contract with the shop's categories."""
    for app in ("catalog", "cart", "orders", "payments"):
        importlib.import_module(f"shopapp.{app}.events")
    return contract()


@pytest.fixture(scope="session")
def shop(elasticsearch_process: Any, project: Contract) -> Shop:
    """Streams that are set up, with the events in them."""
    settings = load({"app": "shop", "namespace": f"dash_{secrets.token_hex(4)}"}, {})
    with elasticsearch_process.client("logpipe_setup") as client:
        setup(client, settings, project)
    made = events(NOW)
    lines = []
    for event in made:
        stream = f"logs-{event['data_stream']['dataset']}-{settings.namespace}"
        lines += [json.dumps({"create": {"_index": stream, "_id": event["event"]["id"]}}), json.dumps(event)]
    with elasticsearch_process.client() as client:
        answer = client.bulk(body="\n".join(lines) + "\n", refresh=True)
    refused = [item for item in answer["items"] if item["create"]["status"] != 201]
    assert not refused, refused[0]
    return Shop(settings, elasticsearch_process, made)
