"""Load and faults at random from a seed, then quiet, then the account."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from logging_pipeline import ranges
from tests.bad_days.day import Day
from tests.bad_days.obligations import Verdict
from tests.bad_days.pipeline import Pipeline
from tests.soak.faults import FAULTS, plan
from tests.soak.growth import Growth, Samples

__all__ = ["Outcome", "soak"]

SAMPLE_S = 1.0
RATES = (200, 100)  # events a second, on average, of the producer that lives and of the one that may be killed


@dataclass
class Outcome:
    """What a soak has found."""

    seed: int
    seconds: float
    faults: Counter[str]
    verdict: Verdict
    account: dict[str, int]
    growth: list[Growth]
    complaints: list[str]

    def lines(self) -> list[str]:
        """For people."""
        verdict = self.verdict
        lost = sum(map(ranges.size, verdict.lost.values()))
        return [
            f"seed {self.seed}, {self.seconds:.0f} s, {sum(self.faults.values())} faults: "
            + ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items())),
            "reconcile: " + ", ".join(f"{count} {name}" for name, count in self.account.items()),
            f"own record: {verdict.said} said, {verdict.stored} stored, {verdict.dropped} dropped, {lost} lost",
            f"of the lost {len(verdict.excused)} with a killed Redis, the others with a killed producer",
            f"{len(verdict.broken)} unexplained, {len(verdict.doubled)} doubled",
            *(
                f"{g.name} ({g.pid}): {g.memory_mb:.0f} MB, {g.memory_growth_mb:+.1f} MB in {g.seconds:.0f} s; "
                f"{g.handles:.0f} files, {g.handles_growth:+.1f}"
                for g in self.growth
            ),
            *(self.complaints or ["nothing unexplained, nothing doubled, nothing growing"]),
        ]


def soak(pipeline: Pipeline, folder: Path, *, minutes: float, seed: int, say: Callable[[str], None] = print) -> Outcome:
    """Run for so many *minutes*, then wait until it is quiet, and look."""
    say(f"soak: {minutes:g} minutes, seed {seed}")
    dice = random.Random(seed)
    day = Day("soak", pipeline, folder)
    day.begin()
    for number, rate in enumerate(RATES):
        day.emitter(f"--rate={rate}", f"--seed={seed + number + 1}", "--categories=5")
    samples, ended = Samples(), threading.Event()
    sampler = threading.Thread(target=_sample, args=(day, samples, ended), name="samples", daemon=True)
    sampler.start()
    started = time.monotonic()
    done: Counter[str] = Counter()
    try:
        for at, name in plan(dice, minutes * 60):
            time.sleep(max(0.0, started + at - time.monotonic()))
            if time.monotonic() - started > minutes * 60:
                break
            say(f"soak: {time.monotonic() - started:6.1f} s  {name}")
            FAULTS[name](day, dice)
            done[name] += 1
        time.sleep(max(0.0, started + minutes * 60 - time.monotonic()))
    finally:
        ended.set()
        sampler.join()
    say("soak: quiet")
    pipeline.start()
    day.quiet()
    verdict, growth = day.look(), [*samples.growth(), _left_in_redis(pipeline)]
    complaints = day.complaints() + [f"{grown.name} grows" for grown in growth if not grown.is_flat]
    return Outcome(seed, time.monotonic() - started, done, verdict, day.row(), growth, complaints)


def _sample(day: Day, samples: Samples, ended: threading.Event) -> None:
    while not ended.wait(SAMPLE_S):
        parts = {"producer": day.emitters[0], "log worker": day.pipeline.worker, "consumer": day.pipeline.consumer}
        samples.take(time.monotonic(), {name: part.pid for name, part in parts.items()})


def _left_in_redis(pipeline: Pipeline) -> Growth:
    """Redis holds what waits, so that its size tells of the load; only what it keeps when nothing waits is growth."""
    with pipeline.client() as client:
        left = client.info("memory")["used_memory_dataset"] / 1e6
    return Growth("left in redis", pipeline.redis.pid, 0.0, left, left, 0.0, 0.0)
