"""
Reads a date from a field: ``date { match => ["timestamp", "dd/MMM/yyyy:HH:mm:ss Z", "ISO8601"] }``.

Formats are tried in order: ISO8601, UNIX, UNIX_MS, TAI64N or a pattern of Joda's. The result has milliseconds and goes
to ``@timestamp`` unless a target is given.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import Any

from logging_pipeline.logstash_engine.events.fields import Event, getter, setter
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.events.template import compile_template, is_constant
from logging_pipeline.logstash_engine.events.timestamp import Timestamp
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import FAILED, MATCHED, UNMATCHED, Apply, Context, Outcome
from logging_pipeline.logstash_engine.times.epochs import parse_tai64n, parse_unix, parse_unix_ms
from logging_pipeline.logstash_engine.times.iso8601 import parse_iso8601
from logging_pipeline.logstash_engine.times.joda_parse import joda_parser
from logging_pipeline.logstash_engine.times.names import ENGLISH, Names, languages, names_for
from logging_pipeline.logstash_engine.times.zones import zone

__all__ = ["OPTIONS", "compile"]

OPTIONS: Options = {
    "match": Option("array", required=True),
    "target": Option("string", default="@timestamp"),
    "timezone": Option("string"),
    "locale": Option("string"),
    "tag_on_failure": Option("array", default=["_dateparsefailure"]),
}

_Parse = Callable[[Any, tzinfo], Timestamp | None]
_NUMERIC: dict[str, Callable[[Any], Timestamp | None]] = {
    "UNIX": parse_unix,
    "UNIX_MS": parse_unix_ms,
    "TAI64N": parse_tai64n,
}


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that tries every format."""
    if len(settings["match"]) < 2:
        context.refuse("match takes a field and at least one format", settings, "match")
    field, *formats = (str(item) for item in settings["match"])
    read = getter(context.path(Settings({"match": field}, settings.places), "match"))
    target = context.path(settings, "target")
    write = _set_timestamp if target == ("@timestamp",) else setter(target)
    names = _names(settings, context)
    parsers = [_parser(pattern, names, settings, context) for pattern in formats]
    place_of = _zone(settings, context)
    fixed = place_of({}) if is_constant(settings["timezone"] or "") else None
    failure_tags = [str(name) for name in settings["tag_on_failure"]]

    def apply(event: Event) -> Outcome:
        value = read(event)
        if value is None:
            return UNMATCHED
        place = fixed or place_of(event)
        if place is not None:
            is_text = value.__class__ is str
            for parse, of_text in parsers:
                if of_text and not is_text:
                    continue
                timestamp = parse(value, place)
                if timestamp is not None:
                    write(event, timestamp)
                    return MATCHED
        for name in failure_tags:
            tag(event, name)
        return FAILED

    return apply


def _set_timestamp(event: Event, timestamp: Timestamp) -> None:
    """Without the question whether it is one, which a setter asks."""
    event["@timestamp"] = timestamp


def _names(settings: Settings, context: Context) -> Names:
    locale = settings["locale"]
    if locale is None:
        return ENGLISH
    names = names_for(locale)
    if names is None:
        context.refuse(
            f"the names of the locale {locale!r} are not known, only {', '.join(languages())}", settings, "locale"
        )
    return names


def _parser(pattern: str, names: Names, settings: Settings, context: Context) -> tuple[_Parse, bool]:
    """A parser, and whether it reads text alone."""
    if pattern in _NUMERIC:
        parse_number = _NUMERIC[pattern]
        return lambda value, _place: parse_number(value), False
    try:
        return parse_iso8601 if pattern == "ISO8601" else joda_parser(pattern, names), True
    except ValueError as error:
        context.refuse(str(error), settings, "match")


def _zone(settings: Settings, context: Context) -> Callable[[Event], tzinfo | None]:
    name = settings["timezone"]
    if name is None:
        return lambda _event: UTC
    if not is_constant(name):
        resolve = compile_template(name)
        return lambda event: zone(resolve(event))
    place = zone(name)
    if place is None:
        context.refuse(f"there is no time zone {name!r}; write one like Europe/Berlin or +01:00", settings, "timezone")
    return lambda _event: place
