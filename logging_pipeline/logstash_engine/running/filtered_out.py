"""Puts into the ledger what a pipeline's filters let vanish: the numbers, the reason and the place."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import orjson

from logging_pipeline import metrics, ranges
from logging_pipeline.indexes import DEAD_LETTER, Store, client, stream_name
from logging_pipeline.journey.write import Action, write
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.settings import Settings
from logging_pipeline.stderr import complain

__all__ = ["FilteredOut"]


class FilteredOut:
    """
    The account of one worker.

    Where no Elasticsearch is set (a pipeline that only prints), the metrics alone tell.
    """

    def __init__(self, settings: Settings, pipeline: str) -> None:
        self._settings = settings
        self._pipeline = pipeline
        self._store = Store(client(settings)) if settings.elasticsearch_url else None

    def account_for(self, dropped: list[tuple[Event, str]]) -> None:
        """
        Write the entries for *dropped*: each event with the reason.

        Raises:
            StoreUnavailable: they could not be written; the delivery must not be acknowledged.
        """
        numbers: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        when = ""
        for event, reason in dropped:
            metrics.FILTERED_OUT.labels(self._pipeline, reason).inc()
            identity = _identity(event)
            if (moment := event.get("@timestamp")) is not None:  # a filter may have removed it
                when = max(when, moment.text)
            if identity is None:
                complain("filtered out", f"{self._pipeline}: an event without event.id, {reason}")
            else:
                producer, category, number = identity
                numbers[producer, category, reason].append(number)
        if numbers and self._store is not None:
            actions = [self._entry(*key, found, when) for key, found in numbers.items()]
            write(actions, store=self._store, dead_letters=stream_name(self._settings, DEAD_LETTER), deadline_s=30)

    def _entry(self, producer: str, category: str, reason: str, numbers: list[int], when: str) -> Action:
        dataset = f"{self._settings.app}.ledger"
        told = ranges.text(ranges.of(numbers))
        # The same events dropped again at a redelivery make the same entry: it is stored once.
        identity = hashlib.sha256(orjson.dumps([producer, category, reason, told])).hexdigest()[:40]
        document: dict[str, Any] = {
            "@timestamp": when or datetime.now(UTC).isoformat(),
            "message": f"{category}: filtered out, {reason}",
            "event": {"id": f"filtered-{identity}", "action": "ledger.dropped", "dataset": dataset},
            "data_stream": {"type": "logs", "dataset": dataset, "namespace": self._settings.namespace},
            "agent": {"ephemeral_id": producer},
            "ledger": {"category": category, "reason": "filtered_out", "ranges": told, "dropped": len(numbers)},
            "labels": {"filter": reason, "pipeline": self._pipeline},
            "log": {"level": "info"},
        }
        return Action(stream_name(self._settings, "ledger"), f"filtered-{identity}", orjson.dumps(document))


def _identity(event: Event) -> tuple[str, str, int] | None:
    try:
        producer, category, number = event["event"]["id"].split("-")
        return producer, category, int(number)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
