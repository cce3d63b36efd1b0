"""Events to files: ``file { path => "/var/log/shop/%{[event][dataset]}.ndjson" }``."""

from __future__ import annotations

from logging_pipeline.logstash_engine.options import Option, Options
from logging_pipeline.logstash_engine.output_options import OUTPUT_OPTIONS
from logging_pipeline.logstash_engine.running.interfaces import PluginSpec, Runtime, Sink
from logging_pipeline.logstash_engine.running.sinks import FileSink

__all__ = ["OPTIONS", "open"]

OPTIONS: Options = {
    **OUTPUT_OPTIONS,
    "codec": Option("codec", default="json_lines"),
    "create_if_deleted": Option("boolean", default=True),
    "dir_mode": Option("number", default=-1),
    "file_mode": Option("number", default=-1),
    "filename_failure": Option("string", default="_filepath_failures"),
    "flush_interval": Option("number", default=2),
    "gzip": Option("boolean", default=False, unsupported="compress the file when it is complete"),
    "path": Option("string", required=True),
    "stale_cleanup_interval": Option("number", default=10),
    "write_behavior": Option("string", default="append", allowed=("append", "overwrite")),
}


def open(spec: PluginSpec, _runtime: Runtime) -> Sink:
    """The running output."""
    return FileSink(spec)
