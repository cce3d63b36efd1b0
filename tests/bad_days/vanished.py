"""A log worker that is killed with all of its processes, on a pipeline of its own, while other days go on."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

from tests.bad_days.day import Day
from tests.bad_days.pipeline import Pipeline, until

__all__ = ["Vanished"]


class Vanished:
    """
    The worker as it is in production is gone with batches in its hands, and another one runs in its place.

    Attributes:
        killed_at, ready_at, back_at: by the monotonic clock: the end of the one, the start of the other, and when that
            had streamed every batch.
    """

    def __init__(self, folder: Path, beside: Pipeline) -> None:
        (folder / "pipeline").mkdir()
        self.pipeline = Pipeline(
            folder / "pipeline", beside.elasticsearch, beside.namespace, worker="celery_workers.logs:app"
        )
        self.back_at: float | None = None
        self.day = Day("a log worker vanished", self.pipeline, folder)
        self.pipeline.redis.start()
        self.pipeline.worker.start()
        for child in self.pipeline.worker.children:
            os.kill(child, signal.SIGSTOP)
        emitter = self.day.emitter("--count=500")
        until(lambda: not emitter.running)
        until(self._unacknowledged)
        self.pipeline.worker.kill()
        self.killed_at = time.monotonic()
        self.pipeline.worker.start()
        self.ready_at = time.monotonic()
        threading.Thread(target=self._watch, name="vanished", daemon=True).start()

    def _unacknowledged(self) -> int:
        with self.pipeline.client() as client:
            return int(client.hlen("unacked"))

    def _watch(self) -> None:
        with self.pipeline.client() as client:
            while client.hlen("unacked") or client.llen("logs"):
                time.sleep(0.5)
        self.back_at = time.monotonic()
