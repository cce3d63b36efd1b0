"""Events from standard input, a line each: ``stdin { codec => json_lines }``."""

from __future__ import annotations

import sys

from logging_pipeline.logstash_engine.input_options import INPUT_OPTIONS
from logging_pipeline.logstash_engine.options import Option, Options
from logging_pipeline.logstash_engine.plugin import ecs_option
from logging_pipeline.logstash_engine.running.decoding import decoder
from logging_pipeline.logstash_engine.running.interfaces import PluginSpec, Runtime, Source
from logging_pipeline.logstash_engine.running.stream_of_lines import StreamOfLines

__all__ = ["OPTIONS", "open"]

OPTIONS: Options = {
    **INPUT_OPTIONS,
    "codec": Option("codec", default="line"),
    "ecs_compatibility": ecs_option(),
}


def open(spec: PluginSpec, _runtime: Runtime) -> Source:
    """The running input."""
    return StreamOfLines(sys.stdin.buffer, decode=decoder(spec))
