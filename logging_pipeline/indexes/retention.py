"""Retention: streams roll over, and backing indices whose youngest event has expired go."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from logging_pipeline.contract import Contract
from logging_pipeline.indexes.ask import Refused, ask
from logging_pipeline.indexes.setup import backing_indices
from logging_pipeline.indexes.streams import all_streams, retention_days
from logging_pipeline.settings import Settings

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["RetentionReport", "apply_retention"]

_DAY_S = 86_400
MAX_SHARD_SIZE = "50gb"  # beyond it, recovery of a shard takes long


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """Streams that were rolled over, and backing indices that were deleted."""

    rolled_over: tuple[str, ...]
    deleted: tuple[str, ...]


def apply_retention(
    client: Elasticsearch, settings: Settings, contract: Contract, *, now_s: float | None = None
) -> RetentionReport:
    """
    Roll over what is old or large enough, delete what has expired. Run it daily; running it twice changes nothing.

    It does what the data stream lifecycle in the templates asks for, on servers that run none; where one runs, both
    agree, since each only deletes what the same retention has expired.

    Args:
        client: with the user `logging_pipeline.indexes.roles.SETUP`.
        now_s: Unix time, default the clock's.

    Raises:
        StoreUnavailable: not reachable or a request was refused.
    """
    now_s = time.time() if now_s is None else now_s
    existing = backing_indices(client, f"logs-{settings.app}.*-{settings.namespace}")
    rolled_over: list[str] = []
    deleted: list[str] = []
    for category, stream in all_streams(settings, contract).items():
        if stream not in existing:
            continue
        days = retention_days(contract, category)
        expired = _expired(client, stream, existing[stream], now_s - days * _DAY_S)
        deleted.extend(index for index in expired if _delete(client, index))
        if _roll_over(client, stream, days):
            rolled_over.append(stream)
    return RetentionReport(tuple(rolled_over), tuple(deleted))


def _expired(client: Elasticsearch, stream: str, indices: list[str], before_s: float) -> list[str]:
    """An index took its last event when the next one was made: it has expired when that was before *before_s*."""
    answer = ask(client, "GET", f"/{stream}/_settings", params={"filter_path": "*.settings.index.creation_date"})
    made_s = {index: int(found["settings"]["index"]["creation_date"]) / 1000 for index, found in answer.items()}
    return [index for index, next_index in pairwise(indices) if next_index in made_s and made_s[next_index] < before_s]


def _delete(client: Elasticsearch, index: str) -> bool:
    try:
        ask(client, "DELETE", f"/{index}")
    except Refused as refused:
        if refused.status == 404:  # somebody else's retention was faster
            return False
        raise
    return True


def _roll_over(client: Elasticsearch, stream: str, days: int) -> bool:
    """A quarter of the retention, at most a week: so an event is kept at most a week longer than promised."""
    age = max(1, min(7, days // 4))
    conditions = {"max_age": f"{age}d", "max_primary_shard_size": MAX_SHARD_SIZE, "min_docs": 1}
    answer = ask(client, "POST", f"/{stream}/_rollover", body={"conditions": conditions})
    return bool(answer["rolled_over"])
