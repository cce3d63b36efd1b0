"""Events to other pipelines' inputs: ``pipeline { send_to => ["enrich"] }``."""

from __future__ import annotations

from logging_pipeline.logstash_engine.options import Option, Options
from logging_pipeline.logstash_engine.output_options import OUTPUT_OPTIONS
from logging_pipeline.logstash_engine.running.interfaces import PluginSpec, Runtime, Sink
from logging_pipeline.logstash_engine.running.sinks import PipelineSink

__all__ = ["OPTIONS", "open"]

OPTIONS: Options = {
    **OUTPUT_OPTIONS,
    "ensure_delivery": Option("boolean", default=True),
    "send_to": Option("string", required=True, several=True),
}


def open(spec: PluginSpec, runtime: Runtime) -> Sink:
    """
    The running output.

    Raises:
        LogstashConfigError: no pipeline has an input of that address.
    """
    return PipelineSink([runtime.downstream(address, spec.place) for address in spec.settings["send_to"]])
