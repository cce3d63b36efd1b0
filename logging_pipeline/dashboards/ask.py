"""A whole dashboard in one request to Elasticsearch."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from logging_pipeline.contract import Contract
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.registry import panel_types
from logging_pipeline.dashboards.table import Table
from logging_pipeline.dashboards.window import Window
from logging_pipeline.indexes.ask import ask as send
from logging_pipeline.indexes.streams import stream_name
from logging_pipeline.settings import Settings

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["Answer", "ask"]

SEARCH_TIMEOUT_S = 5  # then Elasticsearch answers with what it has counted, and the panel says so


@dataclass(frozen=True, slots=True)
class Answer:
    """
    A panel's rows, or why there are none.

    Args:
        window: the time it looked at: the page's, or the panel's own.
        refused: Elasticsearch's words.
        forbidden: categories of the panel that the reader may not see; nothing was asked then.
        partial: time ran out, or a shard failed: the numbers are too low.
    """

    panel: Panel
    window: Window
    table: Table = Table((), (), ())
    refused: str = ""
    forbidden: tuple[str, ...] = ()
    partial: bool = False


def ask(
    elasticsearch: Elasticsearch,
    settings: Settings,
    contract: Contract,
    panels: Sequence[Panel],
    window: Window,
    *,
    now: datetime,
    allowed: Container[str] | None = None,
    narrowed: Callable[[Panel], Sequence[dict[str, Any]]] = lambda _panel: (),
) -> tuple[Answer, ...]:
    """
    The answers to *panels*, in their order.

    Args:
        allowed: categories that the reader may see; None: all. A panel that needs another is not asked at all.
        narrowed: the conditions that a panel has besides its own.

    Raises:
        ConfigurationError: wrong user or password.
        StoreUnavailable: no answer, or the request as a whole was refused.
    """
    lines: list[bytes] = []
    asked: list[Panel] = []
    answers: dict[str, Answer] = {}
    for panel in panels:
        own = Window.last(panel.time, now) if panel.time else window
        forbidden = tuple(name for name in panel.categories if allowed is not None and name not in allowed)
        answers[panel.id] = Answer(panel, own, forbidden=forbidden)
        body = None if forbidden else panel_types()[panel.type].query(panel, own, contract)
        if body is not None:
            asked.append(panel)
            body["query"] = {"bool": {"filter": [body["query"], *narrowed(panel)]}}
            lines += [orjson.dumps(_where(settings, panel)), orjson.dumps({"timeout": f"{SEARCH_TIMEOUT_S}s", **body})]
    if asked:
        found = send(
            elasticsearch, "POST", "/_msearch", body=b"\n".join(lines) + b"\n", content_type="application/x-ndjson"
        )
        for panel, response in zip(asked, found["responses"], strict=True):
            answers[panel.id] = _answer(answers[panel.id], response)
    return tuple(answers[panel.id] for panel in panels)


def _where(settings: Settings, panel: Panel) -> dict[str, Any]:
    """Only the data streams of its categories: what a reader may not see is no part of the request."""
    names = [stream_name(settings, category) for category in panel.categories]
    return {"index": names, "ignore_unavailable": True, "allow_no_indices": True, "request_cache": False}


def _answer(empty: Answer, response: dict[str, Any]) -> Answer:
    if "error" in response:
        error = response["error"]
        return Answer(empty.panel, empty.window, refused=f"{error.get('type')}: {error.get('reason')}"[:500])
    kind = panel_types()[empty.panel.type]
    return Answer(
        empty.panel,
        empty.window,
        table=kind.read(empty.panel, response, empty.window),
        partial=response["timed_out"] or response["_shards"]["failed"] > 0,
    )
