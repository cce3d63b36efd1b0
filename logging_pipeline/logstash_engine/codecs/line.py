"""Lines: each that comes is the message of an event; ``delimiter`` ends each that goes."""

from __future__ import annotations

from collections.abc import Iterator

from logging_pipeline.logstash_engine.codecs import plain
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.options import Option, Options, Settings

__all__ = ["OPTIONS", "decode", "encode"]

OPTIONS: Options = {
    **plain.OPTIONS,
    "delimiter": Option("string", default="\n"),
}


def decode(data: bytes, settings: Settings) -> Iterator[Event]:
    """One event for each line of *data*."""
    text = data.decode(settings["charset"], "replace")
    for line in text.removesuffix(settings["delimiter"]).split(settings["delimiter"]):
        yield {"message": line.removesuffix("\r")}


def encode(event: Event, settings: Settings) -> bytes:
    """The text of *event* and the delimiter."""
    return plain.encode(event, settings) + str(settings["delimiter"]).encode()
