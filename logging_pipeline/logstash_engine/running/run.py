"""Starts every pipeline of a ``pipelines.yml`` and ends them in order."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from logging_pipeline import metrics
from logging_pipeline.logstash_engine.loading import load_pipelines
from logging_pipeline.logstash_engine.pipeline import Pipeline
from logging_pipeline.logstash_engine.running.filtered_out import FilteredOut
from logging_pipeline.logstash_engine.running.interfaces import Runtime, Source
from logging_pipeline.logstash_engine.running.worker import Keeper, Worker
from logging_pipeline.settings import Settings

__all__ = ["run_pipelines"]

LEAST_WORKERS = 2  # while one waits for Elasticsearch, the other filters


def run_pipelines(path: Path, settings: Settings, *, stop: threading.Event) -> int:
    """
    Run the pipelines that *path* names until *stop* is set, then finish what is in hand. Returns the exit code.

    Raises:
        LogstashConfigError: a pipeline is refused; nothing was started.
        ConfigurationError: a plugin cannot be opened as it is set; nothing was started.
    """
    if settings.metrics_port:
        metrics.serve(settings.metrics_port)
    keeper = Keeper(settings.lease_s / 3)
    sources: list[Source] = []
    workers: list[Worker] = []
    for position, pipeline in enumerate(load_pipelines(path)):
        runtime = Runtime(settings, stop, pipeline.name)
        own = [spec.module.open(spec, runtime) for spec in pipeline.inputs]
        sources += own
        copies = [pipeline, *(load_pipelines(path)[position] for _ in range(_workers(pipeline) - 1))]
        for copy in copies:
            sinks = [spec.module.open(spec, runtime) for spec in copy.outputs]
            filtered_out = FilteredOut(settings, copy.name)
            workers.append(Worker(copy, own, sinks, keeper=keeper, filtered_out=filtered_out, stop=stop))
        _say(f"{pipeline.name}: {len(own)} inputs, {len(copies)} workers")
    keeper.start()
    for worker in workers:
        worker.start()
    while not stop.wait(1.0):
        dead = [worker.name for worker in workers if not worker.is_alive()]
        if dead:
            _say(f"worker ended: {', '.join(dead)}")
            stop.set()
            return 1
    for source in sources:
        source.close()
    for worker in workers:
        worker.join(settings.lease_s)
    keeper.end()
    return 0


def _workers(pipeline: Pipeline) -> int:
    return max(pipeline.workers, min(LEAST_WORKERS, os.cpu_count() or 1))


def _say(what: str) -> None:
    print(f"logpipe consume: {what}", file=sys.stderr, flush=True)
