"""The names of data streams, and how long each keeps its events."""

from __future__ import annotations

from logging_pipeline.contract import Contract
from logging_pipeline.settings import Settings

__all__ = ["DEAD_LETTER", "DISCARDED", "all_streams", "retention_days", "stream_name"]

DEAD_LETTER = "dead_letter"
DISCARDED = "discarded"
_OWN_RETENTION_DAYS = {DEAD_LETTER: 90, DISCARDED: 90}  # a quarter: time to notice, mend and replay


def stream_name(settings: Settings, category: str) -> str:
    """The data stream of *category* (or of `DEAD_LETTER`, `DISCARDED`): ``logs-<app>.<category>-<namespace>``."""
    return f"logs-{settings.app}.{category}-{settings.namespace}"


def all_streams(settings: Settings, contract: Contract) -> dict[str, str]:
    """Every data stream of the project: category → name, dead letters and discarded events last."""
    return {name: stream_name(settings, name) for name in (*contract.by_name, DEAD_LETTER, DISCARDED)}


def retention_days(contract: Contract, category: str) -> int:
    """How many days the stream of *category* keeps an event, at least."""
    own = _OWN_RETENTION_DAYS.get(category)
    return contract.by_name[category].retention_days if own is None else own
