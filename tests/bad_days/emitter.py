"""
A program that logs under load and keeps a record of its own: ``python -m tests.bad_days.emitter NAME RECORD``.

The pipeline is set by ``LOGPIPE_…`` variables. The record is a text file that survives ``kill -9``; see
`tests.bad_days.obligations` for its lines. SIGTERM ends the program in good order.
"""

from __future__ import annotations

import argparse
import random
import signal
import threading
import time
from pathlib import Path

import structlog

import logging_pipeline
from logging_pipeline.entrance import installed
from tests.bad_days.obligations import Record

EVENTS = ("worked", "audit.read", "auth.checked", "task.stepped", "http.asked")
"""What is logged in turn, or at random: one of each core category."""

POISON: tuple[dict[str, object], ...] = (
    {"text": b"\xff\xfe of no encoding"},
    {"text": "half of a pair \ud800"},
    {"text": "g" * 5_000_000},
    {"duration": "soon", "event.duration": "never", "severity": {"is": "a dict"}},
    {"number": 1 << 80, "other": float("nan")},
    {"nested": [[[[[[[[[[[[["deep"]]]]]]]]]]]]], "lines": "a\nb\r\n\x00c"},
)
"""What no event should carry."""

SLICE_S = 0.01


def main() -> None:
    """Log until told to stop, or until so many events are logged; then end as any program does."""
    arguments = _arguments()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    logging_pipeline.configure(service_name=arguments.name, console=False)
    record = Record(arguments.record, arguments.name, _producer())
    _log(arguments, record, stop)
    logging_pipeline.composition.close()
    record.acknowledge()


def _log(arguments: argparse.Namespace, record: Record, stop: threading.Event) -> None:
    log = structlog.get_logger("tests.emitter")
    dice = random.Random(arguments.seed)
    events = EVENTS[: arguments.categories]
    rate, owed = arguments.rate, 1.0
    flushed = then = time.monotonic()
    while not stop.wait(SLICE_S) and not 0 < arguments.count <= record.said:
        now = time.monotonic()
        owed += (now - then) * rate
        then = now
        for _ in range(min(int(owed), arguments.count - record.said if arguments.count else int(owed))):
            if record.said + 1 == arguments.clock_back_at:
                _set_clock_back(3_600)
            event = dice.choice(events) if arguments.seed else events[record.said % len(events)]
            size = dice.choice((0, 50, 200, 2_000)) if arguments.seed else 200
            poison = POISON[record.said % len(POISON)] if arguments.poison and record.said % 10 == 0 else {}
            log.info(event, obligation=record.say(event), filler="f" * size, **poison)
        owed %= 1
        if now - flushed >= arguments.flush_every:
            flushed = now
            rate = arguments.rate * (dice.choice((0.1, 0.5, 1, 2)) if arguments.seed else 1)
            _flush(record)


def _flush(record: Record) -> None:
    up_to = record.said
    if installed().flush(5):  # type: ignore[union-attr]  # a producer, since it is configured
        record.acknowledge(up_to)


def _producer() -> str:
    return installed().ephemeral_id  # type: ignore[union-attr]


def _set_clock_back(seconds: int) -> None:
    """The whole process is told an earlier time from now on, as after a correction of the system's clock."""
    true_ns, true = time.time_ns, time.time
    time.time_ns = lambda: true_ns() - seconds * 10**9
    time.time = lambda: true() - seconds


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("record", type=Path)
    parser.add_argument("--rate", type=float, default=500, help="events a second")
    parser.add_argument("--count", type=int, default=0, help="end after so many; 0: at SIGTERM")
    parser.add_argument("--categories", type=int, default=2, help="how many of the core categories")
    parser.add_argument("--flush-every", type=float, default=0.5, help="seconds between acknowledgements")
    parser.add_argument("--clock-back-at", type=int, default=0, help="event before which the clock jumps back an hour")
    parser.add_argument("--poison", action="store_true", help="every tenth event carries what none should")
    parser.add_argument("--seed", type=int, default=0, help="mix, sizes and rate at random; 0: in turn")
    return parser.parse_args()


if __name__ == "__main__":
    main()
