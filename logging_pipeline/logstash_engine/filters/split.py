"""
Makes one event for each member of a list or each part of a text: ``split { field => "[order][items]" }``.

An empty list or text leaves nothing: the event vanishes, which is counted and reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from logging_pipeline.logstash_engine.events.fields import Event, FieldError, getter, setter
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.events.wire import copy_value
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import Context, Multiply

__all__ = ["MULTIPLIES", "OPTIONS", "compile"]

MULTIPLIES = True
FAILURE = "_split_type_failure"
_BLANK = "\0\t\n\v\f\r "
_BLANKS = re.compile(f"[{_BLANK}]+")

OPTIONS: Options = {
    "field": Option("string", default="message"),
    "target": Option("string"),
    "terminator": Option("string", default="\n"),
}


def compile(settings: Settings, context: Context) -> Multiply:
    """Compile to a function from an event to its parts."""
    path = context.path(settings, "field")
    target = path if settings["target"] is None else context.path(settings, "target")
    read, write = getter(path), setter(target)
    blank, write_source = settings["target"] is None, setter(path)
    cut, matched = _cutter(settings["terminator"]), context.matched

    def made(event: Event, part: Any) -> Event:
        single: Event = copy_value(event)
        write(single, part)
        matched(single)
        return single

    def apply(event: Event) -> list[Event] | None:
        value = read(event)
        if value.__class__ is str:
            parts = cut(value) if value else []
            if len(parts) == 1:
                return None
        elif value.__class__ is list:
            parts = value
        else:
            tag(event, FAILURE)
            return None
        if blank and path != ("tags",):
            write_source(event, None)  # so that it is not copied for every part
        try:
            results = [made(event, part) for part in parts if part is not None and part != ""]
        except FieldError:
            write_source(event, value)
            raise
        if not results:
            write_source(event, value)  # it vanishes as it came
        return results

    return apply


def _cutter(terminator: str) -> Callable[[str], list[str]]:
    """Ruby's ``split``: one blank stands for any run of them, nothing for the places between characters."""
    if terminator == " ":
        return lambda text: _BLANKS.split(text.lstrip(_BLANK))
    if not terminator:
        return lambda text: [*text, ""]
    return lambda text: text.split(terminator)
