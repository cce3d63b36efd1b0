"""
Events from a UDP port, one a datagram: ``udp { port => 5001 codec => json }``.

Adds the sender's address.
"""

from __future__ import annotations

from logging_pipeline.logstash_engine.events.fields import Event, parse_reference
from logging_pipeline.logstash_engine.input_options import INPUT_OPTIONS
from logging_pipeline.logstash_engine.options import Option, Options
from logging_pipeline.logstash_engine.plugin import ecs_option
from logging_pipeline.logstash_engine.running.beside import fill
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
    "source_ip_fieldname": Option("field"),
    "workers": Option("number", default=2),
    "ecs_compatibility": ecs_option(),
}


def open(spec: PluginSpec, _runtime: Runtime) -> Source:
    """The running input; it listens from now on."""
    settings = spec.settings
    ecs = settings["ecs_compatibility"] != "disabled"
    path = parse_reference(settings["source_ip_fieldname"] or ("[host][ip]" if ecs else "host"))

    def complete(address: str, event: Event) -> None:
        fill(event, path, address)

    return Datagrams(
        settings["host"],
        int(settings["port"]),
        size=int(settings["buffer_size"]),
        decode=decoder(spec),
        complete=complete,
    )
