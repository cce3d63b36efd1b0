"""Text: what comes is the message of one event, what goes is ``format``, or the time, host and message."""

from __future__ import annotations

from collections.abc import Iterator

from logging_pipeline.logstash_engine.charsets import UTF_8, check_charset, to_text
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.events.template import compile_template
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import ecs_option

__all__ = ["OPTIONS", "check", "decode", "encode", "event_of"]

OPTIONS: Options = {
    "charset": Option("string", default=UTF_8),
    "format": Option("string"),
    "ecs_compatibility": ecs_option(),
}

check = check_charset

_DEFAULT_FORMAT = "%{@timestamp} %{host} %{message}"


def decode(data: bytes, settings: Settings) -> Iterator[Event]:
    """The one event that *data* is."""
    yield event_of(to_text(data, settings), settings)


def event_of(text: str, settings: Settings) -> Event:
    """An event with *text* as its message, with ECS also as ``[event][original]``."""
    if settings["ecs_compatibility"] == "disabled":
        return {"message": text}
    return {"message": text, "event": {"original": text}}


def encode(event: Event, settings: Settings) -> bytes:
    """The text of *event*, without a line end."""
    return compile_template(settings["format"] or _DEFAULT_FORMAT)(event).encode()
