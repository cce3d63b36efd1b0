"""Text: what comes is the message of one event, what goes is ``format``, or the time, host and message."""

from __future__ import annotations

from collections.abc import Iterator

from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.events.template import compile_template
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import ecs_option

__all__ = ["OPTIONS", "decode", "encode"]

OPTIONS: Options = {
    "charset": Option("string", default="UTF-8"),
    "format": Option("string"),
    "ecs_compatibility": ecs_option(),
}

_DEFAULT_FORMAT = "%{@timestamp} %{host} %{message}"


def decode(data: bytes, settings: Settings) -> Iterator[Event]:
    """The one event that *data* is; bytes that are no text become a replacement character."""
    yield {"message": data.decode(settings["charset"], "replace")}


def encode(event: Event, settings: Settings) -> bytes:
    """The text of *event*, without a line end."""
    return compile_template(settings["format"] or _DEFAULT_FORMAT)(event).encode()
