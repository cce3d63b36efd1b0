"""What the tests of the producer have in common: a broker that keeps what it takes, and ways to log and to wait."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from logging_pipeline.errors import BrokerUnavailable
from logging_pipeline.journey.pack import Batch
from logging_pipeline.producer import Producer

__all__ = ["Broker", "log", "until"]


class Broker:
    """Keeps what it takes; may be away, or hang until it is let go."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.away = False
        self.hangs: threading.Event | None = None

    def __call__(self, batch: Batch) -> None:
        if self.hangs is not None:
            self.hangs.wait()
        if self.away:
            raise BrokerUnavailable("away")
        self.batches.append(batch)

    def documents(self, category: str = "system") -> list[dict[str, Any]]:
        bodies = (batch.bodies[category] for batch in self.batches if category in batch.bodies)
        return [json.loads(line) for body in bodies for line in body.split(b"\n")]

    def texts(self, category: str = "system") -> list[str]:
        return [document["message"] for document in self.documents(category)]

    def numbers(self, category: str = "system") -> list[int]:
        return [document["event"]["sequence"] for document in self.documents(category)]


def log(producer: Producer, text: str, severity: int = 20, **fields: Any) -> None:
    producer.emit(severity, "shop.test", text, fields)


def until(condition: Callable[[], Any], timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, condition
        time.sleep(0.005)
