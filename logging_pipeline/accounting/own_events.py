"""What accounting itself has to say, as events: through a producer of its own, which ends with the last of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from logging_pipeline.broker import sender
from logging_pipeline.errors import BrokerUnavailable
from logging_pipeline.producer import Producer
from logging_pipeline.settings import Settings

__all__ = ["Entry", "audit", "enter"]

Entry = tuple[str, dict[str, Any]]
"""An event's name and its fields."""

LOGGER = "logging_pipeline.accounting"


def enter(settings: Settings, entries: Sequence[Entry]) -> None:
    """
    Write *entries* of the category ``ledger``, declared in `logging_pipeline.contract.core`.

    Where the broker is away they wait in the spool, as every event does.
    """
    producer = _producer(settings)
    for index, (name, fields) in enumerate(entries):
        # The last says that nothing follows, as every producer's last entry does.
        producer.enter_in_ledger(name, {**fields, "ledger.final": index == len(entries) - 1})
    producer.close()


def audit(settings: Settings, name: str, fields: dict[str, Any]) -> None:
    """Write one event of the category ``audit``."""
    producer = _producer(settings)
    producer.emit(20, LOGGER, name, fields)
    producer.close()


def _producer(settings: Settings) -> Producer:
    if not settings.redis_url:
        raise BrokerUnavailable("no broker is set: set LOGPIPE_REDIS_URL")
    return Producer(settings, make_send=lambda: sender(settings))
