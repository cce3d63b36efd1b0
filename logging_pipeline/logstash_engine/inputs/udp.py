"""Events from a UDP port, one a datagram: ``udp { port => 5001 codec => json }``."""

from __future__ import annotations

from logging_pipeline.logstash_engine.input_options import INPUT_OPTIONS
from logging_pipeline.logstash_engine.options import Option, Options
from logging_pipeline.logstash_engine.plugin import ecs_option
from logging_pipeline.logstash_engine.running.datagrams import Datagrams
from logging_pipeline.logstash_engine.running.decoding import decoder
from logging_pipeline.logstash_engine.running.interfaces import PluginSpec, Runtime, Source

__all__ = ["OPTIONS", "open"]

OPTIONS: Options = {
    **INPUT_OPTIONS,
    "buffer_size": Option("number", default=65_536),
    "host": Option("string", default="127.0.0.1"),
    "port": Option("number", required=True),
    "queue_size": Option("number", default=2000),
    "receive_buffer_bytes": Option("number"),
    "source_ip_fieldname": Option("string"),
    "workers": Option("number", default=2),
    "ecs_compatibility": ecs_option(),
}


def open(spec: PluginSpec, _runtime: Runtime) -> Source:
    """The running input; it listens from now on."""
    settings = spec.settings
    return Datagrams(settings["host"], int(settings["port"]), size=int(settings["buffer_size"]), decode=decoder(spec))
