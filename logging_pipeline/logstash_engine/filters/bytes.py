"""Reads a size: ``bytes { source => "size" target => "size_bytes" }`` makes ``1.5 MB`` 1572864."""

from __future__ import annotations

import math
import re

from logging_pipeline.logstash_engine.conversions import leading_float
from logging_pipeline.logstash_engine.events.fields import Event, getter, setter
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import FAILED, MATCHED, Apply, Context, Outcome

__all__ = ["OPTIONS", "compile"]

OPTIONS: Options = {
    "source": Option("string", default="message"),
    "target": Option("string", required=True),
    "conversion_method": Option("string", default="binary", allowed=("binary", "metric")),
    "decimal_separator": Option("string", default=".", allowed=(".", ",")),
    "tag_on_failure": Option("array", default=["_bytesparsefailure"]),
}

_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5, "e": 6}
_GROUPS = " _,."  # what may stand between digits
_BLANK = "\0\t\n\v\f\r "


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that reads one field."""
    point = settings["decimal_separator"]
    source = context.path(settings, "source")
    read, write, write_source = getter(source), setter(context.path(settings, "target")), setter(source)
    size = re.compile(
        rf"^([0-9{_GROUPS}{re.escape(point)}]*)[ \t\r\n\f\v]*([kmgtpe]?)b?$", re.IGNORECASE | re.ASCII | re.MULTILINE
    )
    unit = 1024 if settings["conversion_method"] == "binary" else 1000
    failure_tags = [str(name) for name in settings["tag_on_failure"]]

    def apply(event: Event) -> Outcome:
        value = read(event)
        match = None
        if value.__class__ is str:
            stripped = value.strip(_BLANK)
            if stripped != value:
                write_source(event, stripped)  # the source itself loses its blanks
            match = size.search(stripped)
        number = "" if match is None else match[1]
        digits = "".join(char for char in number if char.isdigit() or char == point)
        if match is None or not digits or number.count(point) > 1:
            for name in failure_tags:
                tag(event, name)
            return FAILED
        amount = leading_float(digits.replace(point, "."))
        write(event, math.floor(amount * unit ** _POWERS[match[2].lower()] + 0.5))
        return MATCHED

    return apply
