"""The same events again and again, for tests: ``generator { lines => ["a", "b"] count => 3 }``."""

from __future__ import annotations

from logging_pipeline.logstash_engine.input_options import INPUT_OPTIONS
from logging_pipeline.logstash_engine.options import Option, Options
from logging_pipeline.logstash_engine.plugin import ecs_option
from logging_pipeline.logstash_engine.running.decoding import decoder
from logging_pipeline.logstash_engine.running.generated import Generated
from logging_pipeline.logstash_engine.running.interfaces import PluginSpec, Runtime, Source

__all__ = ["OPTIONS", "open"]

OPTIONS: Options = {
    **INPUT_OPTIONS,
    "count": Option("number", default=0),
    "lines": Option("array"),
    "message": Option("string", default="Hello world!"),
    "threads": Option("number", default=1),
    "ecs_compatibility": ecs_option(),
}


def open(spec: PluginSpec, _runtime: Runtime) -> Source:
    """The running input."""
    settings = spec.settings
    return Generated(settings["lines"] or [settings["message"]], int(settings["count"]), decode=decoder(spec))
