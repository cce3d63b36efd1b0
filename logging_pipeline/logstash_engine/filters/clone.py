"""
Copies events: ``clone { clones => ["audit"] }``. Under ECS the copy's name becomes a tag, without it its ``type``.
"""

from __future__ import annotations

from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.events.tags import tags_of
from logging_pipeline.logstash_engine.events.wire import copy_value
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import Context, Multiply, ecs_option

__all__ = ["MULTIPLIES", "OPTIONS", "compile"]

MULTIPLIES = True

OPTIONS: Options = {
    "clones": Option("array", required=True),
    "ecs_compatibility": ecs_option(),
}


def compile(settings: Settings, context: Context) -> Multiply:
    """Compile to a function that gives the event and its copies; the common options are for the copies."""
    names = settings["clones"]
    ecs, matched = context.ecs, context.matched

    def apply(event: Event) -> list[Event]:
        results = [event]
        for name in names:
            copy: Event = copy_value(event)
            if ecs:
                copy["tags"] = [*tags_of(copy), str(name)]
            else:
                copy["type"] = name
            matched(copy)
            results.append(copy)
        return results

    return apply
