"""
The same events again and again, for tests: ``generator { lines => ["a", "b"] count => 3 }``.

Adds the name of this machine and the number of the round.
"""

from __future__ import annotations

import socket

from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.input_options import INPUT_OPTIONS
from logging_pipeline.logstash_engine.options import Option, Options
from logging_pipeline.logstash_engine.plugin import ecs_option
from logging_pipeline.logstash_engine.running.beside import fill
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
    ecs = settings["ecs_compatibility"] != "disabled"
    host, host_path = socket.gethostname(), ("host", "name") if ecs else ("host",)
    sequence_path = ("event", "sequence") if ecs else ("sequence",)

    def complete(number: int, event: Event) -> None:
        fill(event, host_path, host)
        fill(event, sequence_path, number)

    return Generated(
        settings["lines"] or [settings["message"]], int(settings["count"]), decode=decoder(spec), complete=complete
    )
