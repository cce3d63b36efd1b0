"""Lines: each that comes is the message of an event; ``delimiter`` ends each that goes."""

from __future__ import annotations

from collections.abc import Iterator

from logging_pipeline.logstash_engine.charsets import check_charset, to_text
from logging_pipeline.logstash_engine.codecs import plain
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.options import Option, Options, Settings

__all__ = ["OPTIONS", "check", "decode", "encode"]

OPTIONS: Options = {
    **plain.OPTIONS,
    "delimiter": Option("string", default="\n"),
}

check = check_charset


def decode(data: bytes, settings: Settings) -> Iterator[Event]:
    """One event for each line of *data*, blank ones too; a carriage return stays."""
    lines = data.split(settings["delimiter"].encode())
    if not lines[-1]:
        lines.pop()
    for line in lines:
        yield plain.event_of(to_text(line, settings), settings)


def encode(event: Event, settings: Settings) -> bytes:
    """The text of *event* and the delimiter."""
    return plain.encode(event, settings) + str(settings["delimiter"]).encode()
