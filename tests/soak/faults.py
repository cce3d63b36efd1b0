"""What goes wrong during a soak: each fault is done to the running pipeline and undone again."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable

from tests.bad_days.day import Day

__all__ = ["FAULTS", "Fault", "plan"]

Fault = Callable[[Day, random.Random], None]


def plan(dice: random.Random, seconds: float) -> list[tuple[float, str]]:
    """
    When each fault begins, in seconds from the start, and its name; each kind comes before one comes twice.

    In the second half nothing is killed that is watched, or nobody could say that it does not grow.
    """
    found: list[tuple[float, str]] = []
    at = dice.uniform(3, 8)
    names: list[str] = []
    while at < seconds:
        if not names:
            gentle = sorted(FAULTS.keys() - KILLS)
            kills = sorted(KILLS) if at < seconds / 2 else []
            names = dice.sample(gentle, len(gentle)) + dice.sample(kills, len(kills))  # the last one comes first
        found.append((at, names.pop()))
        at += dice.uniform(4, 14)
    return found


def kill_redis(day: Day, dice: random.Random) -> None:
    """Power cut and return; what it had not appended to its file is gone, and that alone is excused."""
    day.pipeline.redis.kill()
    killed = time.monotonic()
    day.excuses.append((killed - 2, killed + 0.5))  # `appendfsync everysec` puts an append off for at most 2 s
    time.sleep(dice.uniform(0.2, 3))
    day.pipeline.redis.start()


def freeze_redis(day: Day, dice: random.Random) -> None:
    """Connections hang."""
    day.pipeline.redis.pause()
    time.sleep(dice.uniform(0.5, 4))
    day.pipeline.redis.resume()


def fill_redis(day: Day, dice: random.Random) -> None:
    """Writes are refused."""
    _set_memory(day, "1")
    time.sleep(dice.uniform(0.5, 4))
    _set_memory(day, "1gb")


def kill_worker_child(day: Day, dice: random.Random) -> None:
    """The process that runs the task."""
    for child in day.pipeline.worker.children:
        os.kill(child, signal.SIGKILL)


def kill_worker(day: Day, dice: random.Random) -> None:
    """All of the log worker."""
    day.pipeline.worker.kill()
    time.sleep(dice.uniform(0, 2))
    day.pipeline.worker.start()


def kill_consumer(day: Day, dice: random.Random) -> None:
    """In the middle of whatever it does."""
    day.pipeline.consumer.kill()
    time.sleep(dice.uniform(0, 2))
    day.pipeline.consumer.start()


def kill_consumer_after_a_bulk(day: Day, dice: random.Random) -> None:
    """Stored, and not acknowledged."""
    day.pipeline.front.withheld.clear()
    day.pipeline.front.mood = "mute"
    day.pipeline.front.withheld.wait(5)
    day.pipeline.consumer.kill()
    day.pipeline.front.mood = "passing"
    day.pipeline.consumer.start()


def freeze_elasticsearch(day: Day, dice: random.Random) -> None:
    """Requests hang."""
    day.pipeline.elasticsearch.pause()
    time.sleep(dice.uniform(0.5, 4))
    day.pipeline.elasticsearch.resume()


def keep_elasticsearch_busy(day: Day, dice: random.Random) -> None:
    """Requests are answered 429."""
    _in_mood(day, "busy", dice.uniform(0.5, 4))


def lose_answers(day: Day, dice: random.Random) -> None:
    """Requests are carried out, and nobody hears of it; then the streams roll over."""
    day.pipeline.front.lose_an_answer()
    roll_over(day, dice)
    day.pipeline.front.mood = "passing"


def cut_elasticsearch_off(day: Day, dice: random.Random) -> None:
    """Connections are cut."""
    _in_mood(day, "away", dice.uniform(0.5, 4))


def roll_over(day: Day, dice: random.Random) -> None:
    """New backing indices, where older events can be written a second time."""
    with day.pipeline.elasticsearch.client() as admin:
        for category in ("system", "audit", "auth", "ledger"):
            admin.indices.rollover(alias=f"logs-shop.{category}-{day.pipeline.namespace}")


def kill_producer(day: Day, dice: random.Random) -> None:
    """Who logs; another takes its place. The first one is spared: its memory is watched to the end."""
    day.emitters[-1].kill()
    day.emitter(f"--rate={dice.choice((20, 100, 300))}", f"--seed={dice.randrange(1, 10**6)}", "--categories=5")


FAULTS: dict[str, Fault] = {
    fault.__name__.replace("_", " "): fault
    for fault in (
        kill_redis,
        freeze_redis,
        fill_redis,
        kill_worker_child,
        kill_worker,
        kill_consumer,
        kill_consumer_after_a_bulk,
        freeze_elasticsearch,
        keep_elasticsearch_busy,
        lose_answers,
        cut_elasticsearch_off,
        roll_over,
        kill_producer,
    )
}

KILLS = {"kill redis", "kill worker", "kill consumer", "kill consumer after a bulk"}
"""Faults after which a process that is watched for growth is another one."""


def _in_mood(day: Day, mood: str, seconds: float) -> None:
    day.pipeline.front.mood = mood
    time.sleep(seconds)
    day.pipeline.front.mood = "passing"


def _set_memory(day: Day, limit: str) -> None:
    with day.pipeline.client() as client:
        client.config_set("maxmemory", limit)
