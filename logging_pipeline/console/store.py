"""The console's way to Elasticsearch: reads only, and only from the data streams of the categories that it is given."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings as django_settings

from logging_pipeline.contract import Contract
from logging_pipeline.dashboards.model import Panel
from logging_pipeline.dashboards.question import Question, question
from logging_pipeline.dashboards.window import Window
from logging_pipeline.errors import StoreUnavailable
from logging_pipeline.indexes.ask import ask
from logging_pipeline.indexes.client import client
from logging_pipeline.indexes.streams import stream_name
from logging_pipeline.settings import Settings, configured, load

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["Answer", "Store", "pipeline_settings", "store"]

SEARCH_TIMEOUT_S = 5  # then Elasticsearch answers with what it has, and the page says so
ANSWER_TIMEOUT_S = 8.0  # then the page says that Elasticsearch does not answer


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What Elasticsearch answered.

    Args:
        hits: the documents found, as it gives them.
        total: how many match.
        at_least: there are more than *total*, nobody counted how many.
        aggregations: by name.
        missing: none of the data streams is there; set-up has not run.
        partial: time ran out, or a shard failed: there may be more.
    """

    hits: tuple[dict[str, Any], ...] = ()
    total: int = 0
    at_least: bool = False
    aggregations: dict[str, Any] | None = None
    missing: bool = False
    partial: bool = False


class Store:
    """Searches with the user that the settings name, best `logpipe_reader`."""

    def __init__(self, settings: Settings, elasticsearch: Elasticsearch) -> None:
        self._settings = settings
        self._elasticsearch = elasticsearch

    def search(self, categories: Iterable[str], body: dict[str, Any]) -> Answer:
        """
        Search the data streams of *categories*, and no other; of no category there is nothing to find.

        Raises:
            ConfigurationError: wrong user or password.
            StoreUnavailable: no answer in time, or the request was refused.
        """
        names = [stream_name(self._settings, category) for category in categories]
        if not names:
            return Answer()
        path = f"/{','.join(names)}/_search"
        return _answer(ask(self._elasticsearch, "POST", path, params=_ABSENT_IS_EMPTY, body=_in_time(body)))

    def search_all(self, categories: Iterable[str], bodies: Sequence[dict[str, Any]]) -> list[Answer]:
        """
        Several searches of the same data streams in one round trip, answered in their order.

        Raises:
            ConfigurationError: wrong user or password.
            StoreUnavailable: no answer in time, or one of them was refused.
        """
        names = [stream_name(self._settings, category) for category in categories]
        if not names:
            return [Answer() for _ in bodies]
        header = {"ignore_unavailable": True, "allow_no_indices": True}
        lines = [json.dumps(line) for body in bodies for line in (header, _in_time(body))]
        found = ask(
            self._elasticsearch,
            "POST",
            f"/{','.join(names)}/_msearch",
            body=("\n".join(lines) + "\n").encode(),
            content_type="application/x-ndjson",
        )
        for answer in found["responses"]:
            if "error" in answer:
                raise StoreUnavailable(f"Elasticsearch refused a search: {answer['error'].get('reason', '')}")
        return [_answer(answer) for answer in found["responses"]]

    def question(self, contract: Contract, panels: Sequence[Panel], window: Window, **how: Any) -> Question:
        """What *panels* ask in one request; *how* as `logging_pipeline.dashboards.question` takes it."""
        return question(self._settings, contract, panels, window, **how)

    def send(self, asked: Question) -> list[dict[str, Any]]:
        """The responses that *asked* can read; fails as `Question.send`."""
        return asked.send(self._elasticsearch)

    def category_of_dataset(self, dataset: str) -> str:
        """The category of a ``data_stream.dataset``."""
        return dataset.removeprefix(f"{self._settings.app}.")

    def category_of(self, hit: dict[str, Any]) -> str:
        """The category of *hit*, by the data stream in which it lies."""
        prefix = f".ds-logs-{self._settings.app}."
        name: str = hit["_index"].removeprefix(prefix)
        return name.partition(f"-{self._settings.namespace}-")[0]


def store() -> Store:
    """The store of this process."""
    return _store(pipeline_settings())


def pipeline_settings() -> Settings:
    """The pipeline's settings: ``LOGGING_PIPELINE`` of Django's settings, else what `configure` was given."""
    given = getattr(django_settings, "LOGGING_PIPELINE", None)
    return load(given) if given else configured()


@lru_cache(maxsize=4)  # one process has one; tests have some
def _store(settings: Settings) -> Store:
    return Store(settings, client(settings, timeout_s=ANSWER_TIMEOUT_S))


_ABSENT_IS_EMPTY = {"ignore_unavailable": "true", "allow_no_indices": "true"}


def _in_time(body: dict[str, Any]) -> dict[str, Any]:
    return {"timeout": f"{SEARCH_TIMEOUT_S}s", **body}


def _answer(found: dict[str, Any]) -> Answer:
    total = found["hits"].get("total", {"value": 0, "relation": "eq"})
    return Answer(
        hits=tuple(found["hits"]["hits"]),
        total=total["value"],
        at_least=total["relation"] == "gte",
        aggregations=found.get("aggregations"),
        missing=found["_shards"]["total"] == 0,
        partial=found["timed_out"] or found["_shards"]["failed"] > 0,
    )
