"""JSON: an object is an event, a list several; what is neither becomes a message with the tag ``_jsonparsefailure``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from logging_pipeline.logstash_engine.events import wire
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import ecs_option

__all__ = ["FAILURE", "OPTIONS", "decode", "encode"]

FAILURE = "_jsonparsefailure"

OPTIONS: Options = {
    "charset": Option("string", default="UTF-8"),
    "target": Option("string"),
    "ecs_compatibility": ecs_option(),
}


def decode(data: bytes, settings: Settings) -> Iterator[Event]:
    """The events that *data* holds."""
    try:
        decoded = wire.decode(data)
    except ValueError:
        decoded = None
    if decoded.__class__ is dict and settings["target"] is None:  # nearly always
        yield cast(Event, decoded)
        return
    found = decoded if isinstance(decoded, list) else [decoded]
    if not all(isinstance(item, dict) for item in found):
        yield {"message": data.decode(settings["charset"], "replace"), "tags": [FAILURE]}
        return
    for item in found:
        yield item if settings["target"] is None else {settings["target"].strip("[]"): item}


def encode(event: Event, _settings: Settings) -> bytes:
    """*event* as a JSON object, without a line end."""
    return wire.encode(event)
