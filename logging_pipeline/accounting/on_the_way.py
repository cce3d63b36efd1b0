"""Which numbers are on their way: on this machine's disk, in the broker's queue, in Redis' lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import orjson
import redis

from logging_pipeline import ranges
from logging_pipeline.accounting.account import Key
from logging_pipeline.high_water import HighWater
from logging_pipeline.journey.pack import Batch
from logging_pipeline.queue_message import batch_of
from logging_pipeline.ranges import Ranges
from logging_pipeline.settings import Settings

__all__ = ["Place", "given_here", "identity", "in_redis", "in_spool", "lines_in_redis"]

PAGE = 5_000


class Place(NamedTuple):
    """
    Where in Redis a line was found.

    Args:
        hop: ``queue`` (a batch waits for a worker), ``worker`` (one has it), ``list`` or ``processing``.
        key: the Redis key.
    """

    hop: str
    key: str


def given_here(settings: Settings) -> dict[str, tuple[bool, dict[str, int]]]:
    """The producers that left a high-water file on this machine: whether each still runs, its last numbers."""
    found = {}
    for path in sorted(settings.producers_dir.glob("*.numbers")):
        try:
            # First whether it lives: one that ends in between has settled its numbers, and the file may be gone.
            alive = HighWater.owner_lives(path)
            found[path.stem] = (alive, HighWater.read(path))
        except FileNotFoundError:
            continue
    return found


def in_spool(settings: Settings) -> dict[Key, Ranges]:
    """The numbers in batches on this machine's disk."""
    numbers: dict[Key, list[int]] = defaultdict(list)
    for path in settings.spool_dir.glob("*/*.batch"):
        try:
            batch = Batch.from_bytes(path.read_bytes())
        except (FileNotFoundError, ValueError):  # handed over meanwhile; or unreadable, which `doctor` tells
            continue
        for category, given in batch.numbers.items():
            numbers[path.parent.name, category].extend(given)
    return {key: ranges.of(found) for key, found in numbers.items()}


def in_redis(client: redis.Redis, queue: str) -> dict[Key, Ranges]:
    """
    The numbers in Redis, read in the direction of the journey, so that an event that moves on meanwhile is seen twice
    rather than not at all.

    Raises:
        redis.RedisError: Redis did not answer.
    """
    numbers: dict[Key, list[int]] = defaultdict(list)
    for _, line in lines_in_redis(client, queue):
        key, number = identity(line)
        if key is not None:
            numbers[key].append(number)
    return {key: ranges.of(found) for key, found in numbers.items()}


def lines_in_redis(client: redis.Redis, queue: str) -> Iterator[tuple[Place, bytes]]:
    """
    Every event that waits in Redis, as its line of JSON, with its place; in the direction of the journey.

    Raises:
        redis.RedisError: Redis did not answer.
    """
    for message in _members(client, queue.encode()):
        for line in _of_message(orjson.loads(message)):
            yield Place("queue", queue), line
    for raw in _values(client.hvals("unacked")):
        message, *_ = orjson.loads(raw)
        for line in _of_message(message):
            yield Place("worker", "unacked"), line
    waiting: list[bytes] = []
    processing: list[bytes] = []
    for key in client.scan_iter("logs:*", count=1_000, _type="list"):
        (processing if b":processing:" in key else waiting).append(key)
    for hop, keys in (("list", waiting), ("processing", processing)):
        for key in keys:
            for line in _members(client, key):
                yield Place(hop, key.decode("utf-8", "replace")), line


def _of_message(message: dict[str, object]) -> Iterator[bytes]:
    """The events of one Celery message of `broker.STREAM_TASK`."""
    try:
        _, bodies = batch_of(message)
    except ValueError:
        return  # another task's message in the queue: nothing of ours is in it
    for body in bodies.values():
        yield from body.split(b"\n")


def _members(client: redis.Redis, key: bytes) -> Iterator[bytes]:
    start = 0
    while page := _values(client.lrange(key, start, start + PAGE - 1)):
        yield from page
        start += PAGE


def _values(answer: object) -> list[bytes]:
    return list(answer) if isinstance(answer, Iterable) else []


def identity(line: bytes) -> tuple[Key | None, int]:
    """Producer and category, and the number, of the event in *line*; None where it has no id of ours."""
    try:
        event = orjson.loads(line)
        producer, category, number = event["event"]["id"].split("-")
        return (producer, category), int(number)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None, 0
