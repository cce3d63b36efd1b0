"""Starts every pipeline of a ``pipelines.yml`` and ends them in order."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from logging_pipeline import metrics
from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine.language.syntax import Place
from logging_pipeline.logstash_engine.loading import load_pipelines
from logging_pipeline.logstash_engine.running.filtered_out import FilteredOut
from logging_pipeline.logstash_engine.running.flow import Flow
from logging_pipeline.logstash_engine.running.interfaces import Process, Runtime, Source
from logging_pipeline.logstash_engine.running.variables import variables
from logging_pipeline.logstash_engine.running.worker import Keeper, Worker
from logging_pipeline.settings import Settings

__all__ = ["run_pipelines"]


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
    for pipeline in load_pipelines(path, env=variables(settings)):
        flows = [_flow(path, pipeline.name, settings, stop) for _ in range(pipeline.workers)]
        runtime = Runtime(settings, stop, _no_downstream)
        own: list[Source] = [spec.module.open(spec, runtime) for spec in pipeline.inputs]
        sources += own
        workers += [Worker(flow, own, keeper=keeper, stop=stop) for flow in flows]
        _say(f"{pipeline.name}: {len(own)} inputs, {len(flows)} workers")
    keeper.start()
    for worker in workers:
        worker.start()
    code = _watch(workers, stop)
    for source in sources:
        source.close()
    for worker in workers:
        worker.join(settings.lease_s)
    keeper.end()
    return code


def _watch(workers: list[Worker], stop: threading.Event) -> int:
    while not stop.wait(1.0):
        dead = [worker.name for worker in workers if not worker.is_alive()]
        if dead:
            _say(f"worker ended: {', '.join(dead)}")
            stop.set()
            return 1
    return 0


def _flow(path: Path, name: str, settings: Settings, stop: threading.Event, above: tuple[str, ...] = ()) -> Flow:
    """A copy of the pipeline *name*, with copies of the pipelines that it sends to."""
    pipelines = {pipeline.name: pipeline for pipeline in load_pipelines(path, env=variables(settings))}
    pipeline = pipelines[name]

    def downstream(address: str, place: Place) -> Process:
        for other in pipelines.values():
            if any(spec.name == "pipeline" and spec.settings["address"] == address for spec in other.inputs):
                if other.name in (*above, name):
                    raise _refusal(f"the pipelines {', '.join((*above, name))} send in a circle", place)
                return _flow(path, other.name, settings, stop, (*above, name)).process
        raise _refusal(f"no pipeline has an input with the address {address!r}", place)

    runtime = Runtime(settings, stop, downstream)
    sinks = [spec.module.open(spec, runtime) for spec in pipeline.outputs]
    return Flow(pipeline, sinks, FilteredOut(settings, name))


def _refusal(problem: str, place: Place) -> LogstashConfigError:
    return LogstashConfigError(problem, file=place.file, line=place.line, column=place.column)


def _no_downstream(address: str, place: Place) -> Process:
    raise _refusal(f"an input cannot send to {address!r}", place)


def _say(what: str) -> None:
    print(f"logpipe consume: {what}", file=sys.stderr, flush=True)
