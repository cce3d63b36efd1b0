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

__all__ = ["Answer", "Question", "question"]

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


@dataclass(frozen=True, slots=True)
class Question:
    """
    What is asked of Elasticsearch for some panels.

    Args:
        unanswered: each panel's answer as it is before there is one.
        asked: the panels that are asked for; not those that ask nothing, nor those whose events may not be seen.
        body: of ``_msearch``.
    """

    unanswered: dict[str, Answer]
    asked: tuple[Panel, ...]
    body: bytes

    def send(self, elasticsearch: Elasticsearch) -> list[dict[str, Any]]:
        """
        The responses to *asked*.

        Raises:
            ConfigurationError: wrong user or password.
            StoreUnavailable: no answer, or the request as a whole was refused.
        """
        if not self.asked:
            return []
        found = send(elasticsearch, "POST", "/_msearch", body=self.body, content_type="application/x-ndjson")
        responses: list[dict[str, Any]] = found["responses"]
        return responses

    def read(self, responses: Sequence[dict[str, Any]]) -> dict[str, Answer]:
        """Each panel's answer, by the panel's id."""
        found = {
            panel.id: _answer(self.unanswered[panel.id], response)
            for panel, response in zip(self.asked, responses, strict=True)
        }
        return self.unanswered | found


def question(
    settings: Settings,
    contract: Contract,
    panels: Sequence[Panel],
    window: Window,
    *,
    now: datetime,
    allowed: Container[str] | None = None,
    narrowed: Callable[[Panel], Sequence[dict[str, Any]]] = lambda _panel: (),
) -> Question:
    """
    What *panels* ask in *window*, or in their own time until *now*.

    Args:
        allowed: categories that the reader may see; None: all. A panel that needs another is not asked at all.
        narrowed: the conditions that a panel has besides its own.
    """
    lines: list[bytes] = []
    asked: list[Panel] = []
    unanswered: dict[str, Answer] = {}
    for panel in panels:
        own = Window.last(panel.time, now) if panel.time else window
        forbidden = tuple(name for name in panel.categories if allowed is not None and name not in allowed)
        unanswered[panel.id] = Answer(panel, own, forbidden=forbidden)
        body = None if forbidden else panel_types()[panel.type].query(panel, own, contract)
        if body is not None:
            asked.append(panel)
            body["query"] = {"bool": {"filter": [body["query"], *narrowed(panel)]}}
            lines += [orjson.dumps(_where(settings, panel)), orjson.dumps({"timeout": f"{SEARCH_TIMEOUT_S}s", **body})]
    return Question(unanswered, tuple(asked), b"\n".join([*lines, b""]))


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
        table=kind.read(empty.panel, response),
        partial=response["timed_out"] or response["_shards"]["failed"] > 0,
    )
