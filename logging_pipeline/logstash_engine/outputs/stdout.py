"""Events to standard output: ``stdout { codec => rubydebug }``."""

from __future__ import annotations

from logging_pipeline.logstash_engine.options import Option, Options
from logging_pipeline.logstash_engine.output_options import OUTPUT_OPTIONS
from logging_pipeline.logstash_engine.running.interfaces import PluginSpec, Runtime, Sink
from logging_pipeline.logstash_engine.running.sinks import StdoutSink

__all__ = ["OPTIONS", "open"]

OPTIONS: Options = {
    **OUTPUT_OPTIONS,
    "codec": Option("codec", default="rubydebug"),
}


def open(spec: PluginSpec, _runtime: Runtime) -> Sink:
    """The running output."""
    return StdoutSink(spec)
