"""The redis input's channels: what is published while we listen, and only that."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import redis

from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.running.interfaces import Line
from logging_pipeline.logstash_engine.running.waiting_lines import WaitingLines
from logging_pipeline.stderr import complain

__all__ = ["RedisChannel"]

RECONNECT_S = 1.0


class RedisChannel(WaitingLines):
    """
    One channel, or with *pattern* all that match; a message is one event, or several lines of NDJSON.

    Redis does not wait for a slow subscriber: this is for looking on, never for delivery.
    """

    def __init__(
        self, client: redis.Redis, name: str, *, pattern: bool, decode: Callable[[bytes], list[Event]]
    ) -> None:
        super().__init__(decode)
        self._client = client
        self._name = name
        self._pattern = pattern
        threading.Thread(target=self._listen, name="logpipe.channel", daemon=True).start()

    def _listen(self) -> None:
        while not self.closed.is_set():
            try:
                self._subscribe()
            except redis.RedisError as error:
                complain("channel", f"{self._name}: {error}; what is published meanwhile is missed")
                time.sleep(RECONNECT_S)

    def _subscribe(self) -> None:
        with self._client.pubsub(ignore_subscribe_messages=True) as subscription:  # type: ignore[no-untyped-call]
            (subscription.psubscribe if self._pattern else subscription.subscribe)(self._name)
            while not self.closed.is_set():
                message = subscription.get_message(timeout=1.0)
                if message is not None:
                    channel = message["channel"].decode("utf-8", "replace")
                    for line in message["data"].split(b"\n"):
                        self.put(Line.of(line, partial(_name_channel, channel)))


def _name_channel(channel: str, event: Event) -> None:
    event.setdefault("@metadata", {})["redis_channel"] = channel
