"""Reads a size: ``bytes { source => "size" target => "size_bytes" }`` makes ``1.5 MB`` 1572864."""

from __future__ import annotations

import re

from logging_pipeline.logstash_engine.events.fields import Event, getter, setter
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import FAILED, MATCHED, Apply, Context, Outcome

__all__ = ["OPTIONS", "compile"]

OPTIONS: Options = {
    "source": Option("string", default="message"),
    "target": Option("string", required=True),
    "conversion_method": Option("string", default="binary", allowed=("binary", "metric")),
    "digit_group_separator": Option("string", default=" "),
    "decimal_separator": Option("string", default="."),
    "tag_on_failure": Option("array", default=["_bytesparsefailure"]),
}

_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5, "e": 6}
_NUMBER = re.compile(r"\d+(?:\.\d*)?|\.\d+", re.ASCII)


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that reads one field."""
    group, point = settings["digit_group_separator"], settings["decimal_separator"]
    if group == point:
        context.refuse("the two separators cannot be the same", settings, "digit_group_separator")
    read, write = getter(context.path(settings, "source")), setter(context.path(settings, "target"))
    size = re.compile(rf"([0-9{re.escape(group + point)}]*)\s*([kmgtpe]?)b?", re.IGNORECASE | re.ASCII)
    unit = 1024 if settings["conversion_method"] == "binary" else 1000
    failure_tags = [str(name) for name in settings["tag_on_failure"]]

    def apply(event: Event) -> Outcome:
        value = read(event)
        match = size.fullmatch(value.strip()) if value.__class__ is str else None
        digits = match[1].replace(group, "").replace(point, ".") if match is not None else ""
        if match is None or not _NUMBER.fullmatch(digits):
            for name in failure_tags:
                tag(event, name)
            return FAILED
        write(event, round(float(digits) * unit ** _POWERS[match[2].lower()]))
        return MATCHED

    return apply
