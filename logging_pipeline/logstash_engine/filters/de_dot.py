"""
Renames fields with dots in their names: ``de_dot { nested => true }`` makes ``a.b`` the field ``[a][b]``, without it
``a_b``.
"""

from __future__ import annotations

from logging_pipeline.logstash_engine.events.fields import (
    Event,
    FieldError,
    get,
    includes,
    parse_reference,
    remove,
    set_field,
)
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import FAILED, UNMATCHED, Apply, Context, Outcome

__all__ = ["OPTIONS", "RUNS_COMMON_OPTIONS", "compile"]

RUNS_COMMON_OPTIONS = True  # where they fail it is as if a field could not be renamed

OPTIONS: Options = {
    "fields": Option("array"),
    "nested": Option("boolean", default=False),
    "recursive": Option("boolean", default=False),
    "separator": Option("string", default="_"),
    "tag_on_failure": Option("string", default="_de_dot_error"),
}


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that renames the listed fields, or all of the top level."""
    nested, recursive = settings["nested"], settings["recursive"]
    separator = "][" if nested else settings["separator"]
    if "." in separator:
        context.refuse("the separator cannot have a dot itself", settings, "separator")
    fields = None if settings["fields"] is None else [str(field) for field in settings["fields"]]
    failure_tag = settings["tag_on_failure"]

    def rename(event: Event, reference: str) -> None:
        if nested or recursive:
            reference = f"{'' if reference.startswith('[') else '['}{reference}{'' if reference.endswith(']') else ']'}"
        if "." in reference:
            renamed = reference.replace(".", separator)
            set_field(event, renamed, get(event, reference))
            remove(event, _first_with_a_dot(reference))
            reference = renamed
        if recursive:
            below = get(event, reference)
            for key in list(below) if below.__class__ is dict else ():
                rename(event, f"{reference}[{key}]")

    def apply(event: Event) -> Outcome:
        try:
            for reference in fields if fields is not None else [key for key in event if key != "@metadata"]:
                if (recursive or "." in reference) and includes(event, parse_reference(reference)):
                    rename(event, reference)
            context.matched(event)
        except FieldError:
            tag(event, failure_tag)
            return FAILED
        return UNMATCHED

    return apply


def _first_with_a_dot(reference: str) -> str:
    """The reference to the outermost level of *reference* that has a dot in its name: with it go the levels below."""
    levels = reference.replace("[", "").split("]")
    end = next(index for index, level in enumerate(levels, 1) if "." in level)
    return "".join(f"[{level}]" for level in levels[:end])
