"""Redis' channels into a bounded queue. Reading never waits for whoever watches, or Redis would hang up."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import aclosing

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from logging_pipeline.journey.stream import channel
from logging_pipeline.settings import Settings

__all__ = ["Feed", "fill"]

CONNECT_TIMEOUT_S = 3.0
SILENCE_S = 5.0  # then the connection is tried: a half-open one would look like a quiet shop

Message = tuple[str, bytes]
"""A category, and a batch of its events as NDJSON."""


class Feed:
    """
    Messages that wait for whoever watches, at most *max_events* events of them; the oldest make room.

    Attributes:
        ready: set when every channel is subscribed to.
    """

    def __init__(self, max_events: int) -> None:
        self.ready = asyncio.Event()
        self._max_events = max_events
        self._messages: deque[tuple[Message, int]] = deque()
        self._events = 0
        self._skipped = 0

    def put(self, category: str, body: bytes) -> None:
        """Add one message."""
        count = body.count(b"\n") + 1
        self._messages.append(((category, body), count))
        self._events += count
        while self._events > self._max_events and len(self._messages) > 1:
            _, oldest = self._messages.popleft()
            self._events -= oldest
            self._skipped += oldest

    def take(self) -> tuple[list[Message], int]:
        """Everything that waits, and how many events were skipped since the last call."""
        taken, skipped = [message for message, _ in self._messages], self._skipped
        self._messages.clear()
        self._events = self._skipped = 0
        return taken, skipped


async def fill(feed: Feed, settings: Settings, categories: Iterable[str]) -> None:
    """
    Put what is published for *categories*, and for no other, into *feed*, for ever.

    Raises:
        redis.RedisError: Redis does not answer, or has closed the connection.
    """
    by_channel = {channel(category): category for category in categories}
    client = redis.asyncio.Redis.from_url(
        settings.redis_url,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        client_name="logpipe-tail",
        retry=Retry(NoBackoff(), 0),  # a connection that was made again without a word would hide what was missed
    )
    async with client, aclosing(client.pubsub()) as subscription:
        await subscription.subscribe(*by_channel)
        waiting = set(by_channel)
        asked = False
        while True:
            message = await subscription.get_message(timeout=SILENCE_S)
            if message is None:
                if asked:
                    raise redis.TimeoutError(f"no word in {2 * SILENCE_S:.0f} seconds")
                await subscription.ping()
                asked = True
                continue
            asked = False
            name = (message["channel"] or b"").decode()
            if message["type"] == "message":
                feed.put(by_channel[name], message["data"])
            elif message["type"] == "subscribe":
                waiting.discard(name)
                if not waiting:
                    feed.ready.set()
