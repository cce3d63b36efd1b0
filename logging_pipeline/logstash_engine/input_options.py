"""Options that every input has."""

from __future__ import annotations

from logging_pipeline.logstash_engine.options import Option, Options

__all__ = ["INPUT_OPTIONS", "ssl_options"]

INPUT_OPTIONS: Options = {
    "add_field": Option("hash", default={}),
    "codec": Option("codec", default="plain"),
    "enable_metric": Option("boolean", default=True),
    "id": Option("string"),
    "tags": Option("array", default=[]),
    "type": Option("string"),
}


def ssl_options(*names: str) -> Options:
    """The TLS options *names*; all of them are refused, because the engine's servers listen on the loopback only."""
    return {name: Option("string", unsupported="put a proxy that speaks TLS in front of it") for name in names}
