"""Events that another pipeline's output of the same name sends: ``pipeline { address => "enrich" }``."""

from __future__ import annotations

from logging_pipeline.logstash_engine.input_options import INPUT_OPTIONS
from logging_pipeline.logstash_engine.options import Option, Options
from logging_pipeline.logstash_engine.running.interfaces import Nothing, PluginSpec, Runtime, Source

__all__ = ["OPTIONS", "open"]

OPTIONS: Options = {
    **INPUT_OPTIONS,
    "address": Option("string", required=True),
}


def open(_spec: PluginSpec, _runtime: Runtime) -> Source:
    """Nothing to poll: the sending pipeline's worker runs this one's filters and outputs, and waits for them."""
    return Nothing()
