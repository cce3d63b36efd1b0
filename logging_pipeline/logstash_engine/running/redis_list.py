"""The redis input's list: leased batches, by stage 10."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import redis

from logging_pipeline import metrics
from logging_pipeline.journey import take as stage
from logging_pipeline.journey.stream import list_key
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.running.interfaces import Delivery

__all__ = ["RedisList"]


class RedisList:
    """
    One list.

    Args:
        decode: the codec, with the input's common options.
        lease_s: after this long without a sign of life another consumer may take its batches.
    """

    def __init__(
        self,
        client: redis.Redis,
        key: str,
        *,
        decode: Callable[[bytes], list[Event]],
        max_events: int,
        lease_s: float,
    ) -> None:
        self._client = client
        self._key = key
        self._max_events = max_events
        self._lease_s = lease_s
        self._closed = threading.Event()
        self._reclaimed_at = 0.0
        self.decode = decode

    def poll(self) -> Delivery | None:
        """The next batch of the list, leased."""
        if self._closed.is_set():
            return None
        self._reclaim()
        taken = stage.take(self._key, client=self._client, max_events=self._max_events, lease_s=self._lease_s)
        if taken is None:
            return None
        return Delivery(
            taken.lines,
            acknowledge=partial(stage.acknowledge, taken, client=self._client),
            extend=partial(stage.extend, taken, client=self._client, lease_s=self._lease_s),
            give_back=partial(stage.give_back, taken, client=self._client),
            redelivered=taken.redelivered,
        )

    def close(self) -> None:
        """Take no more; batches in hand can still be acknowledged."""
        self._closed.set()

    def _reclaim(self) -> None:
        now = time.monotonic()
        if now - self._reclaimed_at < self._lease_s / 2:
            return
        self._reclaimed_at = now
        reclaimed = stage.reclaim(client=self._client)
        if reclaimed:
            metrics.RECLAIMED.inc(reclaimed)
        if self._key.startswith(list_key("")):
            metrics.LAG.labels(self._key.removeprefix(list_key(""))).set(int(self._client.llen(self._key)))
