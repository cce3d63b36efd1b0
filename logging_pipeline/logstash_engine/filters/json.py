"""
Parses JSON in a field: ``json { source => "message" target => "payload" }``.

Decimals keep every digit, of several documents one after the other the last counts, and without a target the keys of
the top level are field references.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from logging_pipeline.logstash_engine.events.fields import Event, FieldError, getter, set_field, setter
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.events.text import ruby_text
from logging_pipeline.logstash_engine.events.timestamp import Timestamp
from logging_pipeline.logstash_engine.events.wire import TIMESTAMP_FAILURE
from logging_pipeline.logstash_engine.json_text import parse_json
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import FAILED, UNMATCHED, Apply, Context, Outcome, ecs_option

__all__ = ["OPTIONS", "RUNS_COMMON_OPTIONS", "compile"]

RUNS_COMMON_OPTIONS = True  # where they fail it is as if the JSON had

OPTIONS: Options = {
    "source": Option("string", required=True),
    "target": Option("string"),
    "skip_on_invalid_json": Option("boolean", default=False),
    "tag_on_failure": Option("array", default=["_jsonparsefailure"]),
    "ecs_compatibility": ecs_option(),
}


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that parses one field."""
    read = getter(context.path(settings, "source"))
    failure_tags = [str(name) for name in settings["tag_on_failure"]]
    skip = settings["skip_on_invalid_json"]
    store = _merge if settings["target"] is None else _store(setter(context.path(settings, "target")))

    def fail(event: Event) -> Outcome:
        for name in failure_tags:
            tag(event, name)
        return FAILED

    def apply(event: Event) -> Outcome:
        source = read(event)
        if source is None or source is False:
            return UNMATCHED
        if source.__class__ is not str:
            return UNMATCHED if skip else fail(event)
        try:
            parsed = parse_json(source)
        except ValueError:
            return UNMATCHED if skip else fail(event)
        try:
            if not store(event, parsed):
                return fail(event)
            context.matched(event)
        except FieldError:
            return fail(event)
        return UNMATCHED

    return apply


def _store(write: Callable[[Event, Any], None]) -> Callable[[Event, Any], bool]:
    def store(event: Event, parsed: Any) -> bool:
        write(event, parsed)
        return True

    return store


def _merge(event: Event, parsed: Any) -> bool:
    """Put the keys of *parsed* into the event, its timestamp last; False if it is no object."""
    if parsed.__class__ is not dict:
        return False
    given = parsed.pop("@timestamp", None)
    for key, value in parsed.items():
        if "[" in key or "]" in key or key in ("tags", "@metadata"):
            set_field(event, key, value)
        else:
            event[key] = value
    if given is not None and given is not False:
        timestamp = Timestamp.parse(given) if given.__class__ is str else None
        event["@timestamp"] = timestamp or Timestamp.now()
        if timestamp is None:
            tag(event, TIMESTAMP_FAILURE)
            event["_@timestamp"] = ruby_text(given)
    return True
