"""JSON, an object a line."""

from __future__ import annotations

from collections.abc import Iterator

from logging_pipeline.logstash_engine.charsets import check_charset
from logging_pipeline.logstash_engine.codecs import json
from logging_pipeline.logstash_engine.events import wire
from logging_pipeline.logstash_engine.events.fields import Event, FieldError
from logging_pipeline.logstash_engine.options import Option, Options, Settings

__all__ = ["OPTIONS", "check", "decode", "encode"]

OPTIONS: Options = {
    **json.OPTIONS,
    "decode_size_limit_bytes": Option("number", default=512 * 1024 * 1024),
    "delimiter": Option("string", default="\n"),
}

check = check_charset


def decode(data: bytes, settings: Settings) -> Iterator[Event]:
    """The events in the lines of *data*; blank lines are passed over."""
    for line in data.split(settings["delimiter"].encode()):
        try:
            yield from json.events_in(line, settings)
        except (ValueError, FieldError):
            yield json.failure(line, settings)


def encode(event: Event, settings: Settings) -> bytes:
    """*event* as a JSON object and the delimiter."""
    return wire.encode(event) + str(settings["delimiter"]).encode()
