"""
The process of ``python -m benchmarks.flow`` that logs: requests and tasks of a shop, each with what is logged in it.

    python -m benchmarks.flow_producer EVENTS RATE

RATE is in events a second; 0: as fast as they can be handed over. The settings come from the environment. The first
`WARM_UP` events import what sending needs and fill the caches, as in a process that has run for a while; then it prints
a line and waits for one. After the others it prints a JSON object: how many they were, and what they cost this process.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any, NamedTuple

import structlog

import logging_pipeline
from benchmarks.deep_fault import fault
from logging_pipeline.entrance import installed, pipeline
from logging_pipeline.journey.bind import scope

WARM_UP = 2_000  # events
HAND_OVER_EVERY = 4_000  # events; well below what the buffer holds
PROBE_EVERY = 100
UNITS = 20_000  # made beforehand: making them is not what is measured; more than any cache of texts remembers
AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Mobile Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "curl/8.5.0",
)
log = structlog.get_logger("shop.orders")


def main(events: int, rate: int) -> None:
    """Log, hand over, and say what it took."""
    logging_pipeline.configure(app="shop", service_name="shop-web", hash_key="k" * 40, console=False)
    producer = installed()
    assert producer is not None
    chance = random.Random(7)
    units = [_task(chance) if chance.random() < 0.2 else _request(chance) for _ in range(UNITS)]
    for _ in _work(units, WARM_UP):
        pass
    producer.flush(60)
    print("warm", flush=True)
    sys.stdin.readline()
    began, cpu_began, thread_began = time.time(), time.process_time(), time.thread_time()
    logged = handed_over = 0
    handing_over_s = 0.0  # which is the flusher's work, done in this thread when there is no time to wait for it
    for number in _work(units, events):
        logged = number
        if rate:
            ahead_s = logged / rate - (time.time() - began)
            if ahead_s > 0.005:
                time.sleep(ahead_s)
        elif logged - handed_over >= HAND_OVER_EVERY:
            handed_over = logged
            before = time.thread_time()
            producer.flush(60)
            handing_over_s += time.thread_time() - before
    caller_s = time.thread_time() - thread_began - handing_over_s
    producer.close(60)
    cpu_s = time.process_time() - cpu_began
    told = {"events": logged, "caller_s": caller_s, "cpu_s": cpu_s}
    print(json.dumps(told), flush=True)


class _Unit(NamedTuple):
    """A request or a task: its context, what code logs in it, and the event of its end."""

    context: dict[str, str]
    lines: list[tuple[str, tuple[Any, ...], dict[str, Any]]]
    end: tuple[int, str, str, dict[str, Any]]


def _work(units: list[_Unit], events: int) -> Iterator[int]:
    """Logs *units* of work again and again until there were *events*; how many after each unit."""
    logged = 0
    for unit in cycle(units):
        with scope({**unit.context}, fresh=True):
            for event, arguments, fields in unit.lines[: events - logged - 1]:
                log.info(event, *arguments, **fields)
                logged += 1
            severity, logger, event, fields = unit.end
            pipeline.emit(severity, logger, event, {**fields, "probe": "yes"} if logged % PROBE_EVERY < 3 else fields)
            logged += 1
        yield logged
        if logged == events:
            return


def _context(chance: random.Random) -> dict[str, str]:
    span = f"{chance.getrandbits(64):016x}"
    return {
        "trace.id": f"{chance.getrandbits(128):032x}",
        "transaction.id": span,
        "span.id": span,
        "http.request.id": f"{chance.getrandbits(128):032x}",
        "client.ip": f"203.0.113.{chance.randrange(256)}",
        "user.id": str(chance.randrange(5_000)),
    }


def _request(chance: random.Random) -> _Unit:
    order, sku = f"PK-{chance.randrange(10**9):09d}", f"KIT-{chance.randrange(10_000):04d}"
    lines: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
        ("cart.item_added", (), {"sku": sku, "quantity": 2, "nested": {"colours": ["red", "blue"], "gift": "no"}}),
        ("order.placed", (), {"order_id": order, "total_cents": chance.randrange(500, 50_000), "items": 3}),
        ("stock of %s is %d", (sku, chance.randrange(99)), {}),
    ]
    failed = chance.random() < 0.02
    fields = {
        "http.request.method": chance.choice(("GET", "GET", "GET", "POST")),
        "http.response.status_code": 500 if failed else chance.choice((200, 200, 200, 200, 302, 404)),
        "url.path": chance.choice(("/", f"/product/{sku.lower()}/", "/cart/", "/checkout/", "/static/shop.css")),
        "url.domain": "shop.example",
        "url.scheme": "https",
        "user_agent.original": chance.choice(AGENTS),
        "event.duration": chance.randrange(2_000_000, 900_000_000),
        "event.outcome": "failure" if failed else "success",
        "http.response.mime_type": "text/html",
        "http.response.body.bytes": chance.randrange(500, 90_000),
    }
    if failed:
        fields["exc_info"] = fault()
    end = (40 if failed else 20, "logging_pipeline.http", "http.request", fields)
    return _Unit(_context(chance), lines[: chance.randrange(4)], end)


def _task(chance: random.Random) -> _Unit:
    fields = {
        "task_name": "shopapp.orders.confirm",
        "task_id": f"{chance.getrandbits(128):032x}",
        "state": "SUCCESS",
        "attempt": 1,
        "queue": "shop",
        "eager": False,
        "queue_delay_ns": chance.randrange(10**9),
        "outcome": "success",
        "event.duration": chance.randrange(10**9),
    }
    lines: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [("confirmation sent", (), {"template": "order"})]
    return _Unit(_context(chance), lines, (20, "logging_pipeline.task", "task.run", fields))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
