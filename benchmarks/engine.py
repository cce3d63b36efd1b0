"""
How fast the Logstash engine is: ``python -m benchmarks.engine [--events N] [--processes N]``.

NDJSON in, filters, NDJSON out, in one process on one core; beside it what a warm, real Logstash 9.6 did with the same
pipelines and events on the machine that the goals come from, and a plain loop (decode, one match, encode) of this run,
which tells how fast and how noisy this machine is. Rates are events for each second that the processor works on them,
so that what else the machine does counts little: the median batch's, and the best batch's behind it. Only the run of
several processes is timed by the clock on the wall, and needs a machine with nothing else to do. Memory is kept as
``logpipe consume`` keeps it.
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
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from benchmarks.engine_events import access_lines, shop_lines
from logging_pipeline.logstash_engine import Pipeline, decode, encode, load
from logging_pipeline.logstash_engine.memory import keep_memory

__all__ = ["main"]

BATCH = 125  # events, as Logstash takes them; larger ones do not fit into the processor's cache
WARM_UP = 5_000
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
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--events", type=int, default=60_000, help="events of each pipeline (default: 60000)")
    parser.add_argument("--processes", type=int, default=2, help="for the run on several cores (default: 2)")
    options = parser.parse_args(arguments)
    keep_memory()
    for work in WORKS:
        _report(work, options.events, options.processes)
    clock_s, cpu_s = _first_event_s()
    print(f"first event after {clock_s:.2f} s, {cpu_s:.2f} s of them CPU (goal 0.5)")
    print(f"memory {_memory_mb():.0f} MB (goal 120)")


def _report(work: Work, events: int, processes: int) -> None:
    batches = _batches(list(work.lines(events)))
    plain = _rates(_plain, batches)
    pipeline = load(PIPELINES / f"{work.name}.conf", env={})
    engine = _rates(lambda batch: _run(pipeline, batch), batches)
    median, best = statistics.median(engine), max(engine)
    print(f"{work.name}: {median:,.0f} events/s (best batch {best:,.0f}; goal {work.goal_per_s:,})")
    print(f"  {median / work.logstash_per_s:.2f} times a real Logstash's {work.logstash_per_s:,} with one worker")
    print(f"  {median / statistics.median(plain):.3f} times a plain loop's {statistics.median(plain):,.0f}")
    for metrics in pipeline.metrics:
        if metrics.events_in:
            print(f"  {metrics.id:<18} {metrics.duration_ns / metrics.events_in / 1000:6.2f} µs an event")
    alone, together = _several(work, events, 1), _several(work, events, processes)
    print(f"  {processes} processes: {together:,.0f} events/s by the clock, {together / alone:.2f} times one alone")


def _batches(lines: list[bytes]) -> list[list[bytes]]:
    return [lines[start : start + BATCH] for start in range(0, len(lines), BATCH)]


def _rates(
    run: Callable[[list[bytes]], object], batches: list[list[bytes]], clock: Callable[[], float] = time.thread_time
) -> list[float]:
    """Events a second of *clock*, batch by batch, after a warm-up."""
    for batch in batches[: WARM_UP // BATCH]:
        run(batch)
    rates = []
    for batch in batches:
        began = clock()
        run(batch)
        rates.append(len(batch) / (clock() - began))
    return rates


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
    work = next(work for work in WORKS if work.name == name)
    pipeline = load(PIPELINES / f"{name}.conf", env={})
    batches = _batches(list(work.lines(events)))
    return statistics.median(_rates(lambda batch: _run(pipeline, batch), batches, time.perf_counter))


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
