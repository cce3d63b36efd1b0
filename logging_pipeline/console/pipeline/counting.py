"""Reconcile for a page: counted on a thread of its own, because it may take longer than anybody waits for a page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import redis

from logging_pipeline.accounting.reconcile import Reconciliation, reconcile
from logging_pipeline.broker import redis_client
from logging_pipeline.console.pipeline.waiting import explained
from logging_pipeline.contract import contract
from logging_pipeline.errors import ConfigurationError, PipelineError
from logging_pipeline.indexes import client
from logging_pipeline.settings import Settings

__all__ = ["Counted", "Counting"]

KEPT_S = 60.0  # whoever asks again meanwhile gets the same
TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Counted:
    """What was found at *at* after *took_s* seconds; or *problem*."""

    at: datetime
    took_s: float
    found: Reconciliation | None = None
    problem: str = ""


class Counting:
    """One count at a time; the last result of each range is kept for a minute."""

    def __init__(self, count: Callable[[Settings, datetime | None], Reconciliation] | None = None) -> None:
        self._count = count or _reconcile
        self._lock = threading.Lock()
        self._running: tuple[str, float] | None = None
        self._results: dict[tuple[str, Settings], Counted] = {}

    def ask(self, name: str, settings: Settings, since: datetime | None, *, afresh: bool = False) -> Counted | None:
        """
        The result for the range *name*, which reaches back to *since*; None while it is being counted.

        Args:
            afresh: count again although there is a result.
        """
        with self._lock:
            result = self._results.get((name, settings))
            if result is not None and (afresh or time.time() - result.at.timestamp() > KEPT_S):
                result = None
                del self._results[name, settings]
            if result is None and self._running is None:
                self._running = name, time.monotonic()
                threading.Thread(target=self._run, args=(name, settings, since), daemon=True).start()
            return result

    def since_s(self) -> float:
        """For how long the count that is under way has run, seconds."""
        with self._lock:
            return time.monotonic() - self._running[1] if self._running else 0.0

    def _run(self, name: str, settings: Settings, since: datetime | None) -> None:
        began = time.monotonic()
        found, problem = None, "The count ended without a result: see the standard error of the console's process."
        try:
            found, problem = self._count(settings, since), ""
        except PipelineError as error:
            problem = str(error)
        except redis.RedisError as error:
            problem = explained(error)
        finally:
            with self._lock:
                self._results[name, settings] = Counted(datetime.now(UTC), time.monotonic() - began, found, problem)
                self._running = None


def _reconcile(settings: Settings, since: datetime | None) -> Reconciliation:
    if not settings.redis_url:
        raise ConfigurationError("LOGPIPE_REDIS_URL", "is not set", "Set it to the logs' Redis database")
    with client(settings, timeout_s=TIMEOUT_S) as elasticsearch, redis_client(settings) as broker:
        return reconcile(
            settings, contract(), elasticsearch=elasticsearch, redis_client=broker, since=since, keep=False
        )
