"""
Cuts text to a length in bytes, between two characters: ``truncate { fields => ["message"] length_bytes => 1024 }``.
"""

from __future__ import annotations

from typing import Any

from logging_pipeline.logstash_engine.events.fields import Event, getter, setter
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import MATCHED, UNMATCHED, Apply, Context, Outcome

__all__ = ["OPTIONS", "compile"]

OPTIONS: Options = {
    "fields": Option("string", several=True),
    "length_bytes": Option("number", required=True),
}


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that cuts the listed fields, or all of the top level."""
    length = int(settings["length_bytes"])
    if length < 0:
        context.refuse("length_bytes is 0 or more", settings, "length_bytes")
    if settings["fields"] is None:
        return lambda event: _cut_all(event, length)
    paths = [context.path(Settings({"fields": field}, settings.places), "fields") for field in settings["fields"]]
    accesses = [(getter(path), setter(path)) for path in paths]

    def apply(event: Event) -> Outcome:
        outcome: Outcome = UNMATCHED
        for read, write in accesses:
            value = read(event)
            cut = _cut(value, length)
            if cut != value:
                write(event, cut)
                outcome = MATCHED
        return outcome

    return apply


def _cut_all(event: Event, length: int) -> Outcome:
    outcome: Outcome = UNMATCHED
    for key, value in event.items():
        cut = value if key in ("@timestamp", "@metadata") else _cut(value, length)
        if cut != value:
            event[key] = cut
            outcome = MATCHED
    return outcome


def _cut(value: Any, length: int) -> Any:
    """*value* with its texts cut, also in lists and hashes."""
    if value.__class__ is str:
        data = value.encode("utf-8", "surrogatepass")
        return value if len(data) <= length else data[:length].decode("utf-8", "ignore")
    if value.__class__ is list:
        return [_cut(item, length) if item.__class__ is str else item for item in value]
    if value.__class__ is dict:
        return {key: _cut(item, length) for key, item in value.items()}
    return value
