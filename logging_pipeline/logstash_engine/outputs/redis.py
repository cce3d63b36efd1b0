"""Events to Redis: ``redis { data_type => "list" key => "logs:%{[event][dataset]}" }``."""

from __future__ import annotations

from logging_pipeline.logstash_engine.options import Option, Options
from logging_pipeline.logstash_engine.output_options import OUTPUT_OPTIONS
from logging_pipeline.logstash_engine.running.interfaces import PluginSpec, Runtime, Sink
from logging_pipeline.logstash_engine.running.sinks import RedisSink

__all__ = ["OPTIONS", "open"]

OPTIONS: Options = {
    **OUTPUT_OPTIONS,
    "codec": Option("codec", default="json"),
    "batch": Option("boolean", default=False),
    "batch_events": Option("number", default=50),
    "batch_timeout": Option("number", default=5),
    "congestion_interval": Option("number", default=1),
    "congestion_threshold": Option("number", default=0),
    "data_type": Option("string", required=True, allowed=("list", "channel")),
    "db": Option("number", default=0),
    "host": Option("array", default=["127.0.0.1"]),
    "key": Option("string", required=True),
    "password": Option("password"),
    "port": Option("number", default=6379),
    "reconnect_interval": Option("number", default=1),
    "shuffle_hosts": Option("boolean", default=True),
    "timeout": Option("number", default=5),
}


def open(spec: PluginSpec, runtime: Runtime) -> Sink:
    """The running output; it connects with its first write."""
    return RedisSink(spec, runtime)
