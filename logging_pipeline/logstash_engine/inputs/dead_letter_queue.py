"""Events that an output could not deliver: ``dead_letter_queue { path => "/var/lib/dlq" pipeline_id => "main" }``."""

from __future__ import annotations

from logging_pipeline.logstash_engine.input_options import INPUT_OPTIONS
from logging_pipeline.logstash_engine.options import Option, Options
from logging_pipeline.logstash_engine.running.interfaces import Nothing, PluginSpec, Runtime, Source

__all__ = ["OPTIONS", "open"]

OPTIONS: Options = {
    **INPUT_OPTIONS,
    "clean_consumed": Option("boolean", default=False),
    "commit_offsets": Option("boolean", default=True),
    "path": Option("path", required=True),
    "pipeline_id": Option("string", default="main"),
    "sincedb_path": Option("path"),
    "start_timestamp": Option("string"),
}


def open(_spec: PluginSpec, _runtime: Runtime) -> Source:
    """
    Nothing ever comes: only a real Logstash fills such a queue.

    What Elasticsearch refuses here is in the data stream of dead letters at once, see `logging_pipeline.journey.write`.
    """
    return Nothing()
