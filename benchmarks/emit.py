"""
What a log call costs the code that makes it, and the whole process, beside other ways of logging.

    python -m benchmarks.emit [--seconds 30] [--rate 2000] [--rounds 3] [--against NAMES] [--json FILE]

Every contender runs in a process of its own, in turn, and the rounds are interleaved, so that a noisy machine is noisy
for all; quote the ratios. One of them logs nothing: its CPU time, that of the loop around the calls, is taken off all
others. Where a library knows a context, each five events have one of their own, as those of a request. A real Redis
protocol server and a real Celery worker carry our events; afterwards every one of them is accounted for in the Redis
lists, and a hundred are compared field by field.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import orjson
import redis

from benchmarks.emit_contenders import CONTENDERS
from benchmarks.log_broker import broker
from benchmarks.report import report
from stack.ports import free_port

BASE = "structlog + orjson to a list"
OURS = "this library"
NOTHING = "no logging"
COLUMNS = ("caller_us", "p50_us", "p99_us", "p999_us", "cpu_us")


def main() -> None:
    """Run, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rate", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--against", default=",".join(CONTENDERS), help="names of contenders, comma separated")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    names = list(dict.fromkeys([NOTHING, OURS, BASE, *arguments.against.split(",")]))
    results: dict[str, list[dict[str, float]]] = defaultdict(list)
    with broker() as (url, server):
        for _ in range(arguments.rounds):
            for name in names:
                results[name].append(_run(name, arguments.seconds, arguments.rate, url))
        accounted = _account(url, sum(int(r["events"]) for r in results[OURS]))
        refusing = _run(OURS, arguments.seconds / 3, arguments.rate, f"redis://127.0.0.1:{free_port()}/1")
        server.pause()
        hanging = _run(OURS, arguments.seconds / 3, arguments.rate, url)
        server.resume()
    results["this library, broker refusing"] = [refusing]
    results["this library, broker hanging"] = [hanging]
    table = {name: _medians(runs) for name, runs in results.items()}
    loop_us = table.pop(NOTHING)["cpu_us"]
    for row in table.values():
        row["cpu_us"] -= loop_us
    _print(table, accounted)
    report({"table": table, "accounted": accounted}, arguments.json)


def _run(name: str, seconds: float, rate: int, url: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.emit_contenders", name, str(seconds), str(rate), url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds * 20 + 600, check=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _account(url: str, expected: int) -> dict[str, Any]:
    """Where our events are: all in the lists, each once, and a hundred of them as they were logged."""
    with redis.Redis.from_url(url) as client:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            lists = [key for key in client.scan_iter("logs:*", _type="list") if key != b"logs:ledger"]
            if sum(int(client.llen(key)) for key in lists) >= expected:
                break
            time.sleep(0.2)
        events = [orjson.loads(line) for key in lists for line in client.lrange(key, 0, -1)]
    ids = {event["event"]["id"] for event in events}
    intact = sum(_intact(event) for event in events[:: max(len(events) // 100, 1)][:100])
    return {"logged": expected, "found": len(events), "twice": len(events) - len(ids), "intact_of_100": intact}


def _intact(event: dict[str, Any]) -> bool:
    kept = {**event.get("labels", {}), **event.get("numeric_labels", {})}
    own = {"order.placed": 3, "payment.declined": 3, "catalog.searched": 3, "cart.item_added": 4}
    name = event["event"]["action"]
    return len(kept) == own[name] and event["trace"]["id"].startswith("4bf9") and len(event["user"]["hash"]) == 32


def _medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {column: statistics.median(run[column] for run in runs) for column in COLUMNS}


def _print(table: dict[str, dict[str, float]], accounted: dict[str, Any]) -> None:
    base = table[BASE]
    heads = "".join(f"{head:>{width}}" for head, width in zip(_HEADS, _WIDTHS, strict=True))
    print(f"{'µs an event':<32}{heads}")
    for name, row in table.items():
        caller, p50, cpu = (row[column] / base[column] for column in ("caller_us", "p50_us", "cpu_us"))
        print(
            f"{name:<32}{row['caller_us']:>8.1f}{caller:>7.2f}{row['p50_us']:>8.1f}{p50:>7.2f}{row['p99_us']:>9.1f}"
            f"{row['p999_us']:>9.1f}{row['cpu_us']:>8.1f}{cpu:>7.2f}"
        )
    print(f"accounted for: {accounted}")


_HEADS = ("caller", "ratio", "p50", "ratio", "p99", "p99.9", "CPU", "ratio")
_WIDTHS = (8, 7, 8, 7, 9, 9, 8, 7)


if __name__ == "__main__":
    main()
