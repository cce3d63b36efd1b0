"""
How fast the Logstash engine is.

    python -m benchmarks.engine [--events N] [--rounds N] [--processes N] [--json FILE]

NDJSON in, filters, NDJSON out, in one process on one core; beside it what a warm, real Logstash 9.6 did with the same
pipelines and events on the machine that the goals come from. Rates are events for each second that the processor works
on them, of the median batch.

A processor that shares its parts with another machine's work is half as fast for seconds, or for minutes. So a plain
loop (decode, one match, encode) goes through each batch right before the engine does. Batches beside which it kept its
pace are those at full speed. A run may be slow from its beginning to its end: compare the plain loop's pace with other
runs'. How engine and plain loop compare hardly depends on it. Only the run of several processes is timed by the clock
on the wall, and needs a machine with nothing else to do. Memory is kept as ``logpipe consume`` keeps it.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from benchmarks.engine_events import access_lines, shop_lines
from benchmarks.report import report
from logging_pipeline.logstash_engine import Pipeline, decode, encode, load
from logging_pipeline.logstash_engine.memory import keep_memory

__all__ = ["main"]

BATCH = 125  # events, as Logstash takes them; larger ones do not fit into the processor's cache
WARM_UP = 5_000
FULL_SPEED = 0.9
"""How much of its best pace the plain loop keeps beside a batch that counts as one at full speed."""
PIPELINES = Path(__file__).parent / "engine_pipelines"
_EMAIL = re.compile(rb'"message":"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Work:
    """A pipeline, its events, what we aim at and what a real Logstash does with one worker."""

    name: str
    lines: Callable[[int], Iterator[bytes]]
    goal_per_s: int
    logstash_per_s: int


WORKS = (
    Work("access", access_lines, goal_per_s=35_000, logstash_per_s=30_500),
    Work("enrich", shop_lines, goal_per_s=65_000, logstash_per_s=62_000),
)


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=60_000, help="events of each pipeline (default: 60000)")
    parser.add_argument("--rounds", type=int, default=3, help="times that they are gone through (default: 3)")
    parser.add_argument("--processes", type=int, default=2, help="for the run on several cores (default: 2)")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    keep_memory()
    results = {work.name: _measure(work, options.events, options.rounds, options.processes) for work in WORKS}
    clock_s, cpu_s = _first_event_s()
    print(f"first event after {clock_s:.2f} s, {cpu_s:.2f} s of them CPU (goal 0.5)")
    print(f"memory {_memory_mb():.0f} MB (goal 120)")
    report({**results, "first_event_s": clock_s, "memory_mb": _memory_mb()}, options.json)


def _measure(work: Work, events: int, rounds: int, processes: int) -> dict[str, float]:
    """Run one pipeline, and print what was found."""
    pipeline, batches = _warm(work, events)
    run = partial(_run, pipeline)
    pairs = [(_rate(_plain, batch), _rate(run, batch)) for _ in range(rounds) for batch in batches]
    pace = statistics.quantiles([plain for plain, _ in pairs], n=20)[-1]  # the best, but for a few lucky ones
    at_full_speed = [engine for plain, engine in pairs if plain >= FULL_SPEED * pace]
    rate, over_all = statistics.median(at_full_speed), statistics.median(engine for _, engine in pairs)
    share = len(at_full_speed) / len(pairs)
    compared = statistics.median(engine / plain for plain, engine in pairs)
    print(f"{work.name}: {rate:,.0f} events/s at full speed (goal {work.goal_per_s:,}), {share:.0%} of the batches")
    print(f"  {over_all:,.0f} over all batches")
    print(f"  {rate / work.logstash_per_s:.2f} times a real Logstash's {work.logstash_per_s:,} with one worker")
    print(f"  {compared:.3f} times a plain loop beside each batch; its pace is {pace:,.0f} at full speed")
    for metrics in pipeline.metrics:
        if metrics.events_in:
            print(f"  {metrics.id:<18} {metrics.duration_ns / metrics.events_in / 1000:6.2f} µs an event")
    alone, together = _several(work, events, 1), _several(work, events, processes)
    print(f"  {processes} processes: {together:,.0f} events/s by the clock, {together / alone:.2f} times one alone")
    return {
        "events_per_s": rate,
        "share_at_full_speed": share,
        "events_per_s_over_all": over_all,
        "plain_loop_per_s": pace,
        "to_plain_loop": compared,
        "processes_to_one": together / alone,
    }


def _warm(work: Work, events: int) -> tuple[Pipeline, list[list[bytes]]]:
    """The pipeline, which has seen some events already, and so many events for it."""
    pipeline = load(PIPELINES / f"{work.name}.conf", env={})
    lines = list(work.lines(events))
    batches = [lines[start : start + BATCH] for start in range(0, len(lines), BATCH)]
    for batch in batches[: WARM_UP // BATCH]:
        _run(pipeline, batch)
    return pipeline, batches


def _rate(
    run: Callable[[list[bytes]], object], batch: list[bytes], clock: Callable[[], float] = time.thread_time
) -> float:
    """Events a second of *clock*."""
    began = clock()
    run(batch)
    return len(batch) / (clock() - began)


def _run(pipeline: Pipeline, lines: list[bytes]) -> bytes:
    filtered = pipeline.filter([decode(line) for line in lines])
    return b"\n".join([encode(event) for event in filtered.events])


def _plain(lines: list[bytes]) -> bytes:
    """What any program in Python has to do: decode, match once, encode."""
    written = []
    for line in lines:
        event = orjson.loads(line)
        _EMAIL.search(line)
        written.append(orjson.dumps(event))
    return b"\n".join(written)


def _several(work: Work, events: int, processes: int) -> float:
    """Events a second of *processes* together, each with events of its own, without their start."""
    with ProcessPoolExecutor(processes) as pool:
        rates = list(pool.map(_rate_of_process, [work.name] * processes, [events] * processes))
    return sum(rates)


def _rate_of_process(name: str, events: int) -> float:
    keep_memory()
    pipeline, batches = _warm(next(work for work in WORKS if work.name == name), events)
    run = partial(_run, pipeline)
    return statistics.median(_rate(run, batch, time.perf_counter) for batch in batches)


_FIRST_EVENT = """
import sys, time
began = time.perf_counter(), time.process_time()
from logging_pipeline.logstash_engine import decode, encode, load
pipeline = load(sys.argv[1], env={})
encode(pipeline.filter([decode(sys.stdin.buffer.readline())]).events[0])
print(time.perf_counter() - began[0], time.process_time() - began[1])
"""


def _first_event_s() -> tuple[float, float]:
    """
    From the first import in a new process to the first event out, by the clock and of CPU; the best of three.

    A run before them compiles the modules, as installing a package does.
    """
    line = next(access_lines(1)) + b"\n"
    command = [sys.executable, "-c", _FIRST_EVENT, str(PIPELINES / "access.conf")]
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with TemporaryDirectory() as compiled:
        environ["PYTHONPYCACHEPREFIX"] = compiled
        _, *runs = (
            subprocess.run(command, input=line, capture_output=True, check=True, env=environ).stdout.split()
            for _ in range(4)
        )
    return min(float(clock) for clock, _cpu in runs), min(float(cpu) for _clock, cpu in runs)


def _memory_mb() -> float:
    """The most memory that a process of the run took, the events' own included."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


if __name__ == "__main__":
    main()
