"""
Events from standard input, a line each: ``stdin { codec => json_lines }``.

Adds the name of this machine; with ECS also the line, as ``[event][original]``.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import cast

from logging_pipeline.logstash_engine.charsets import to_text
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.input_options import INPUT_OPTIONS
from logging_pipeline.logstash_engine.options import Option, Options
from logging_pipeline.logstash_engine.plugin import ecs_option
from logging_pipeline.logstash_engine.running.beside import fill
from logging_pipeline.logstash_engine.running.decoding import decoder
from logging_pipeline.logstash_engine.running.interfaces import PluginSpec, Runtime, Source
from logging_pipeline.logstash_engine.running.splitting import CHUNK
from logging_pipeline.logstash_engine.running.stream_of_lines import StreamOfLines

__all__ = ["OPTIONS", "STREAMS", "open"]

STREAMS = True

OPTIONS: Options = {
    **INPUT_OPTIONS,
    "codec": Option("codec", default="line"),
    "ecs_compatibility": ecs_option(),
}


def open(spec: PluginSpec, _runtime: Runtime) -> Source:
    """The running input."""
    ecs = spec.settings["ecs_compatibility"] != "disabled"
    host, host_path = socket.gethostname(), ("host", "hostname") if ecs else ("host",)
    codec = cast(PluginSpec, spec.codec)
    delimiter = codec.settings["delimiter"].encode()

    def complete(line: bytes, event: Event) -> None:
        if ecs:
            fill(event, ("event", "original"), to_text(line.removesuffix(delimiter), codec.settings))
        fill(event, host_path, host)

    def read() -> bytes:
        return os.read(sys.stdin.fileno(), CHUNK)

    return StreamOfLines(read, delimiter=delimiter, decode=decoder(spec), complete=complete)
