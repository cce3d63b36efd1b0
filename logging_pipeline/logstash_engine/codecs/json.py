"""JSON: an object is an event, a list several; what is neither becomes a message with the tag ``_jsonparsefailure``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from logging_pipeline.logstash_engine.charsets import UTF_8, check_charset, to_text
from logging_pipeline.logstash_engine.events import wire
from logging_pipeline.logstash_engine.events.fields import Event, FieldError, includes, parse_reference, setter
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import ecs_option

__all__ = ["FAILURE", "OPTIONS", "check", "decode", "decoder", "encode", "events_in", "failure"]

FAILURE = "_jsonparsefailure"
ORIGINAL = ("event", "original")

OPTIONS: Options = {
    "charset": Option("string", default=UTF_8),
    "target": Option("field"),
    "ecs_compatibility": ecs_option(),
}

check = check_charset


def decode(data: bytes, settings: Settings) -> list[Event]:
    """The events that *data* holds; with ECS the event of a line keeps it as ``[event][original]``."""
    try:
        found = events_in(data, settings)
        if len(found) == 1 and settings["ecs_compatibility"] != "disabled":
            _keep_original(found[0], to_text(data, settings))
    except (ValueError, FieldError):  # no JSON, or [event] is no object and has no place for the original
        return [failure(data, settings)]
    return found


def decoder(settings: Settings) -> Callable[[bytes], list[Event]]:
    """`decode` with *settings*; where an event is just its line, what they say is not asked for every line."""
    general = partial(decode, settings=settings)
    if settings["charset"] != UTF_8 or settings["target"] is not None or settings["ecs_compatibility"] != "disabled":
        return general

    def decode_object(data: bytes) -> list[Event]:
        try:
            event = wire.decode(data)
        except ValueError:
            event = None
        return [event] if event.__class__ is dict else general(data)

    return decode_object


def events_in(data: bytes, settings: Settings) -> list[Event]:
    """
    The events that *data* holds.

    Raises:
        ValueError: it is not JSON, or neither an object nor a list of objects.
    """
    if settings["charset"] != UTF_8:
        data = to_text(data, settings).encode()
    if not data.strip():
        return []
    decoded = wire.decode(data)
    found = decoded if decoded.__class__ is list else [decoded]
    for item in found:
        if item.__class__ is not dict:
            raise ValueError("neither an object nor a list of objects")
    target = settings["target"]
    return found if target is None else [_placed(item, target) for item in found]


def failure(data: bytes, settings: Settings) -> Event:
    """The event that keeps what could not be read."""
    return {"message": to_text(data, settings), "tags": [FAILURE]}


def encode(event: Event, _settings: Settings) -> bytes:
    """*event* as a JSON object, without a line end."""
    return wire.encode(event)


def _placed(item: Event, target: str) -> Event:
    event: Event = {}
    setter(parse_reference(target))(event, item)
    return event


def _keep_original(event: Event, text: str) -> None:
    if not includes(event, ORIGINAL):
        setter(ORIGINAL)(event, text)
