"""Gives every event a random id: ``uuid { target => "[event][id]" overwrite => true }``."""

from __future__ import annotations

from uuid import uuid4

from logging_pipeline.logstash_engine.events.fields import Event, getter, setter
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import MATCHED, Apply, Context, Outcome, ecs_option

__all__ = ["OPTIONS", "compile"]

OPTIONS: Options = {
    "target": Option("string", required=True),
    "overwrite": Option("boolean", default=False),
    "ecs_compatibility": ecs_option(),
}


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that writes the id where there is none."""
    path = context.path(settings, "target")
    read, write = getter(path), setter(path)
    overwrite = settings["overwrite"]

    def apply(event: Event) -> Outcome:
        if overwrite or read(event) is None:
            write(event, str(uuid4()))
        return MATCHED

    return apply
