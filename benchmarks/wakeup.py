"""
How late another thread wakes up while a process logs: the harm that a busy flusher does to its neighbours.

    python -m benchmarks.wakeup [--seconds 10] [--rate 10000] [--rounds 5] [--json FILE]

In a process of its own, warmed up, a thread sleeps for 2 ms again and again and notes how late it comes back, while the
main thread does nothing, runs the loop of the benchmark without logging, or logs through each contender at the given
rate; rounds are interleaved. Goal: with this library the p99 is within 1 ms of idle.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from benchmarks.emit_contenders import BURST, CONTENDERS, Contender, mixed_events
from benchmarks.log_broker import broker
from benchmarks.report import report

NAP_S = 0.002
WARM_UP_S = 2.0
IDLE = "idle"
NAMES = (IDLE, "no logging", "this library", "structlog + orjson to a list")
QUANTILES = {"p50_ms": 0.50, "p90_ms": 0.90, "p99_ms": 0.99, "p999_ms": 0.999}


def main() -> None:
    """Run, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", nargs=2, metavar=("NAME", "REDIS_URL"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(_measure(*arguments.one, arguments.seconds, arguments.rate)), flush=True)
        os._exit(0)  # a contender's own threads must not hold the measurement up
    results: dict[str, list[dict[str, float]]] = defaultdict(list)
    with broker() as (url, _):
        for _ in range(arguments.rounds):
            for name in NAMES:
                results[name].append(_run(name, arguments.seconds, arguments.rate, url))
    table = {
        name: {column: statistics.median(run[column] for run in runs) for column in runs[0]}
        for name, runs in results.items()
    }
    _print(table)
    report(table, arguments.json)


def _run(name: str, seconds: float, rate: int, url: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.wakeup", "--seconds", str(seconds), "--rate", str(rate)]
    done = subprocess.run(
        [*command, "--one", name, url], capture_output=True, text=True, timeout=seconds * 20 + 120, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _measure(name: str, url: str, seconds: float, rate: int) -> dict[str, float]:
    work = _sleeping if name == IDLE else _logging(CONTENDERS[name](url), rate)
    work(WARM_UP_S)  # what is imported, made and filled once is over then
    lateness: list[float] = []
    stop = threading.Event()

    def sleeper() -> None:
        while not stop.is_set():
            before = time.perf_counter()
            time.sleep(NAP_S)
            lateness.append(time.perf_counter() - before - NAP_S)

    thread = threading.Thread(target=sleeper, daemon=True)
    thread.start()
    logged = work(seconds)
    stop.set()
    thread.join()
    lateness.sort()
    quantiles = {column: lateness[int(len(lateness) * share)] * 1e3 for column, share in QUANTILES.items()}
    return {**quantiles, "events_per_s": logged / seconds}


def _sleeping(seconds: float) -> int:
    time.sleep(seconds)
    return 0


def _logging(contender: Contender, rate: int) -> Callable[[float], int]:
    """What logs through *contender* for so many seconds, and says how many events it was."""
    events = mixed_events()

    def work(seconds: float) -> int:
        began, logged = time.perf_counter(), 0
        while (elapsed := time.perf_counter() - began) < seconds:
            if logged > elapsed * rate:
                time.sleep(BURST / rate)
                continue
            for event, fields in events[logged % len(events) :][:BURST]:
                contender.log(event, fields, None)
                logged += 1
        return logged

    return work


def _print(table: dict[str, dict[str, float]]) -> None:
    print(f"{'late by, ms':<32}{'p50':>8}{'p90':>8}{'p99':>8}{'p99.9':>8}{'p99 - idle':>12}{'events/s':>10}")
    for name, row in table.items():
        columns = "".join(f"{row[column]:>8.2f}" for column in QUANTILES)
        print(f"{name:<32}{columns}{row['p99_ms'] - table[IDLE]['p99_ms']:>12.2f}{row['events_per_s']:>10,.0f}")


if __name__ == "__main__":
    main()
