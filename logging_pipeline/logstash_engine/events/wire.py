"""
Events in and out: from decoded JSON to an event of the engine, and from an event to a line of JSON.

Numbers keep their kind on the way: an input makes a float of every decimal (a later json filter keeps all digits),
integers have any size, and a Decimal is written digit by digit.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import orjson

from logging_pipeline.logstash_engine.events.fields import Event, legal_tags
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.events.text import json_text
from logging_pipeline.logstash_engine.events.timestamp import Timestamp

__all__ = ["copy_value", "decode", "encode", "encode_with_metadata", "prepare"]

TIMESTAMP_FAILURE = "_timestampparsefailure"
TAGS_FAILURE = "_tagsparsefailure"

_DIGITS_AS_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_LONG_INTEGER = b"0" * 19  # 64 bits have 19 digits or fewer


def decode(line: bytes) -> Any:
    """
    The value that a *line* of JSON holds, as Logstash's inputs read it.

    Raises:
        ValueError: it is not JSON.
    """
    if line.translate(_DIGITS_AS_ZEROS).find(_LONG_INTEGER) >= 0:  # `in` would first ask whether it looks for a number
        return json.loads(line, parse_constant=_refuse)  # orjson makes a float of an integer beyond 64 bits
    return orjson.loads(line)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def prepare(event: Event) -> Event:
    """
    Make a decoded object an event, in place: ``@timestamp`` an instant, ``@version`` and ``@metadata`` there, ``tags``
    in order.

    An unusable timestamp is kept as ``_@timestamp``, unusable tags as ``_tags``; both leave a tag.
    """
    given = event.get("@timestamp")
    if "@version" not in event:
        event["@version"] = "1"
    if given.__class__ is Timestamp:
        if "@metadata" not in event:
            event["@metadata"] = {}
        return event
    if event.get("@metadata").__class__ is not dict:
        event["@metadata"] = {}
    if "tags" in event and not legal_tags(event["tags"]):
        event["_tags"] = [event.pop("tags")]
        tag(event, TAGS_FAILURE)
    if given is None:
        event["@timestamp"] = Timestamp.now()
        return event
    parsed = Timestamp.parse(given) if given.__class__ is str else None
    if parsed is None:
        event["@timestamp"] = Timestamp.now()
        event["_@timestamp"] = given
        tag(event, TIMESTAMP_FAILURE)
    else:
        event["@timestamp"] = parsed
    return event


def encode(event: Event) -> bytes:
    """One event as a line of JSON, without its metadata and without a line end."""
    metadata, timestamp = event.pop("@metadata", None), event.get("@timestamp")
    if timestamp.__class__ is Timestamp:
        event["@timestamp"] = timestamp.text
    try:
        return orjson.dumps(event, _default)
    except (TypeError, orjson.JSONEncodeError):
        return _written_out(event)
    finally:
        if timestamp.__class__ is Timestamp:
            event["@timestamp"] = timestamp
        if metadata is not None:
            event["@metadata"] = metadata


def encode_with_metadata(event: Event) -> bytes:
    """The same with ``@metadata``, unless that is empty."""
    if not event.get("@metadata"):
        return encode(event)
    try:
        return orjson.dumps(event, _default)
    except (TypeError, orjson.JSONEncodeError):
        return _written_out(event)


def _written_out(event: Event) -> bytes:
    """For what orjson refuses: an integer beyond 64 bits, or a lone surrogate."""
    return json_text(event).encode("utf-8", "replace")


def _default(value: Any) -> Any:
    if value.__class__ is Timestamp:
        return value.text
    if value.__class__ is Decimal:
        return orjson.Fragment(str(value))
    raise TypeError(f"{value.__class__.__name__} is no value of an event")


def copy_value(value: Any) -> Any:
    """A deep copy of a value of an event."""
    kind = value.__class__
    if kind is dict:
        return {key: copy_value(item) if item.__class__ in _CONTAINERS else item for key, item in value.items()}
    if kind is list:
        return [copy_value(item) if item.__class__ in _CONTAINERS else item for item in value]
    return value


_CONTAINERS = frozenset({dict, list})
