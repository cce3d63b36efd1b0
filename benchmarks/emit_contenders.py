"""
One contender of ``python -m benchmarks.emit``, in a process of its own: logs mixed events at a steady rate.

    python -m benchmarks.emit_contenders NAME SECONDS RATE REDIS_URL

Prints one JSON object: the caller's wall time per call, the process' CPU time per event, and how many were logged.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.deep_fault import fault

Log = Callable[[str, dict[str, Any], BaseException | None], None]
Begin = Callable[[dict[str, str]], object]
Close = Callable[[], object]


def _no_context(context: dict[str, str]) -> None:
    """The library knows no context."""


def _nothing_waits() -> None:
    """Every call has done all its work."""


class Contender(NamedTuple):
    """
    One way of logging.

    Args:
        log: logs one event.
        begin: binds the context of the next events, where the library knows such a thing.
        close: hands over what waits.
    """

    log: Log
    begin: Begin = _no_context
    close: Close = _nothing_waits


WARM_UP = 500
BURST = 20  # events logged one after the other before the next pause
REQUEST = 5  # events that have one context


def ours(redis_url: str) -> Contender:
    import structlog

    import logging_pipeline
    from logging_pipeline.entrance import installed
    from logging_pipeline.journey.bind import bind

    logging_pipeline.configure(
        app="bench",
        redis_url=redis_url,
        console=False,
        hash_key="k" * 40,
        state_dir=Path(tempfile.mkdtemp(prefix="logpipe-bench-")),
    )
    logger = structlog.get_logger("shop.orders")
    producer = installed()

    def close() -> None:
        if producer is not None:
            producer.close()

    return Contender(lambda name, fields, error: logger.info(name, exc_info=error, **fields), bind, close)


def structlog_orjson(_: str) -> Contender:
    import orjson
    import structlog

    lines: list[bytes] = []

    class ToList:
        def msg(self, line: bytes) -> None:
            lines.append(line)

        info = msg

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: ToList(),
        cache_logger_on_first_use=True,
    )
    logger = structlog.get_logger()
    return Contender(
        lambda name, fields, error: logger.info(name, exc_info=error, **fields),
        lambda context: structlog.contextvars.bind_contextvars(**context),
        lines.clear,
    )


def ecs_logging(_: str) -> Contender:
    from ecs_logging import StdlibFormatter

    handler = logging.StreamHandler(Path(os.devnull).open("w"))
    handler.setFormatter(StdlibFormatter())
    return _standard(handler)


def python_logstash(_: str) -> Contender:
    import logstash

    return _standard(logstash.UDPLogstashHandler("127.0.0.1", 9, version=1))


def python_logstash_async(_: str) -> Contender:
    from logstash_async.handler import AsynchronousLogstashHandler

    database = Path(tempfile.mkdtemp(prefix="logpipe-bench-")) / "queue.db"
    return _standard(
        AsynchronousLogstashHandler("127.0.0.1", 9, str(database), transport="logstash_async.transport.UdpTransport")
    )


def loguru(_: str) -> Contender:
    from loguru import logger

    logger.remove()
    logger.add(Path(os.devnull).open("w"), serialize=True)

    def log(name: str, fields: dict[str, Any], error: BaseException | None) -> None:
        logger.opt(exception=error).bind(**fields).info(name)

    return Contender(log)


def task_per_event(redis_url: str) -> Contender:
    from celery import Celery

    app = Celery("bench", broker=redis_url, set_as_current=False)
    app.conf.update(task_ignore_result=True, task_default_queue="bench")

    @app.task
    def store(name: str, fields: dict[str, Any]) -> None:
        """What the worker would do with it."""

    def log(name: str, fields: dict[str, Any], error: BaseException | None) -> None:
        store.delay(name, {**fields, "error": repr(error)})

    return Contender(log)


def nothing(_: str) -> Contender:
    def log(name: str, fields: dict[str, Any], error: BaseException | None) -> None:
        """What is measured is the loop around the calls."""

    return Contender(log)


CONTENDERS: dict[str, Callable[[str], Contender]] = {
    "no logging": nothing,
    "this library": ours,
    "structlog + orjson to a list": structlog_orjson,
    "ecs-logging": ecs_logging,
    "python-logstash": python_logstash,
    "python-logstash-async": python_logstash_async,
    "loguru, serialized": loguru,
    "one Celery task an event": task_per_event,
}


def _standard(handler: logging.Handler) -> Contender:
    logger = logging.getLogger("shop.orders")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)

    def log(name: str, fields: dict[str, Any], error: BaseException | None) -> None:
        logger.info(name, extra=fields, exc_info=error)

    return Contender(log, close=handler.close)


def _contexts() -> list[dict[str, str]]:
    random_ = random.Random(11)
    return [
        {
            "trace.id": f"4bf9{random_.getrandbits(112):028x}",
            "span.id": f"{random_.getrandbits(64):016x}",
            "transaction.id": f"{random_.getrandbits(64):016x}",
            "http.request.id": str(uuid.UUID(int=random_.getrandbits(128), version=4)),
            "client.ip": f"192.0.2.{random_.randrange(1, 255)}",
            "user.id": str(random_.randrange(1_000, 10_000)),
        }
        for _ in range(10_000)
    ]


def mixed_events() -> list[tuple[str, dict[str, Any]]]:
    """
    Events of four names, with text, numbers and nested values; the same in every run.

    They are more than any cache of texts remembers: in real life orders have new numbers, too.
    """
    random_ = random.Random(7)
    events: list[tuple[str, dict[str, Any]]] = []
    for number in range(20_000):
        sku = f"KIT-{number % 10_000:04d}"
        order = f"PK-{random_.randrange(10**9):09d}"
        events.append(
            random_.choice(
                [
                    ("order.placed", {"order_id": order, "total_cents": random_.randrange(500, 50_000), "items": 3}),
                    ("payment.declined", {"order_id": order, "provider": "test", "decline_code": "insufficient_funds"}),
                    ("catalog.searched", {"query_words": 2, "results": random_.randrange(60), "page": 1}),
                    ("cart.item_added", {"sku": sku, "quantity": 2, "nested": {"a": [1, 2], "b": "x"}}),
                ]
            )
        )
    return events


def run(name: str, seconds: float, rate: int, redis_url: str) -> dict[str, float]:
    """Log at *rate* events a second for *seconds*; what it cost."""
    log, begin, close = CONTENDERS[name](redis_url)
    events = mixed_events()
    contexts = _contexts()
    begin(contexts[0])
    for event, fields in events[:WARM_UP]:
        log(event, fields, None)
    gc.collect()
    walls: list[int] = []
    clock = time.perf_counter_ns
    began, cpu_began = time.perf_counter(), time.process_time()
    logged = 0
    while (elapsed := time.perf_counter() - began) < seconds:
        if logged > elapsed * rate:
            time.sleep(BURST / rate)
            continue
        for _ in range(BURST):
            event, fields = events[logged % len(events)]
            error = fault() if logged % 100 == 0 else None
            if logged % REQUEST == 0:
                begin(contexts[logged // REQUEST % len(contexts)])
            before = clock()
            log(event, fields, error)
            walls.append(clock() - before)
            logged += 1
    close()
    cpu = time.process_time() - cpu_began
    walls.sort()
    return {
        "events": logged + WARM_UP,
        "caller_us": sum(walls) / len(walls) / 1e3,
        "p50_us": walls[len(walls) // 2] / 1e3,
        "p99_us": walls[int(len(walls) * 0.99)] / 1e3,
        "p999_us": walls[int(len(walls) * 0.999)] / 1e3,
        "cpu_us": cpu / logged * 1e6,
    }


if __name__ == "__main__":
    _, contender, for_seconds, per_second, url = sys.argv
    print(json.dumps(run(contender, float(for_seconds), int(per_second), url)), flush=True)
    os._exit(0)  # a contender's own threads must not hold the measurement up
