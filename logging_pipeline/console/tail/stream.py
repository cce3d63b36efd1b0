"""One tail from its first byte to its last, as server-sent events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

import orjson
import redis

from logging_pipeline import metrics
from logging_pipeline.console.tail.feed import Feed, fill
from logging_pipeline.console.tail.rows import Matcher, rows
from logging_pipeline.console.tail.seats import NoSeat, Seats
from logging_pipeline.console.tail.watcher import Watcher
from logging_pipeline.settings import Settings

__all__ = ["SEATS", "Wish", "stream"]

TICK_S = 0.25  # a browser draws no faster than somebody reads
HEARTBEAT_S = 10.0  # the page takes three times as long a silence for a lost connection

SEATS = Seats()


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What is to be seen.

    Args:
        categories: whose channels are subscribed to.
        level: the lowest, empty: all.
        wanted: the query as a predicate on events; None: all.
        zone: of the times in it.
        since: the page was connected until then, and is again.
    """

    categories: tuple[str, ...]
    level: str
    wanted: Matcher | None
    zone: tzinfo
    since: datetime | None = None


async def stream(
    wish: Wish, who: Watcher, look: Callable[[], Awaitable[Watcher]], settings: Settings
) -> AsyncIterator[bytes]:
    """
    The messages ``open``, ``events``, ``skipped``, ``lost`` (try again) and ``end`` (do not), each with JSON.

    Args:
        look: who watches now; asked every ``tail_check_s`` seconds.
    """
    feed = Feed(settings.tail_queue_events)
    reading = asyncio.create_task(fill(feed, settings, wish.categories))
    try:
        with SEATS.take(who.key, in_all=settings.tail_connections, each=settings.tail_connections_per_user):
            async for message in _messages(wish, look, settings, feed, reading):
                yield message
    except NoSeat as problem:
        yield _message("lost", {"reason": str(problem)})
    except (redis.RedisError, OSError) as error:
        yield _message("lost", {"reason": f"Redis does not answer: {error}"})
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def _messages(
    wish: Wish,
    look: Callable[[], Awaitable[Watcher]],
    settings: Settings,
    feed: Feed,
    reading: asyncio.Task[None],
) -> AsyncIterator[bytes]:
    ready = asyncio.create_task(feed.ready.wait())
    await asyncio.wait({ready, reading}, return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    if not reading.done():
        yield _message("open", {"since": wish.since.isoformat() if wish.since else None})
    checked = told = time.monotonic()
    while not reading.done():
        await asyncio.wait({reading}, timeout=TICK_S)
        now = time.monotonic()
        if now - checked >= settings.tail_check_s:
            checked = now
            reason = (await look()).lacks(wish.categories)
            if reason:
                yield _message("end", {"reason": reason})
                return
        taken, skipped = feed.take()
        if skipped:
            metrics.TAIL_SKIPPED.inc(skipped)
            yield _message("skipped", {"count": skipped})
        found: list[dict[str, Any]] = []
        for category, body in taken:
            found += rows(category, body, level=wish.level, wanted=wish.wanted, zone=wish.zone)
            await asyncio.sleep(0)  # others are served between two batches
        if found:
            yield _message("events", found)
            told = now
        elif now - told >= HEARTBEAT_S:
            yield b": nothing passed by\n\n"
            told = now
    reading.result()  # raises what ended it


def _message(name: str, content: Any) -> bytes:
    """One server-sent event. Its id is the time: whoever comes back says until when there was something to see."""
    data = orjson.dumps(content, default=str)
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (datetime.now(UTC).timestamp() * 1000, name.encode(), data)
