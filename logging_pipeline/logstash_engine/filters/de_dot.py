"""
Renames fields with dots in their names: ``de_dot { nested => true }`` makes ``a.b`` the field ``[a][b]``, without it
``a_b``.
"""

from __future__ import annotations

from logging_pipeline.logstash_engine.events.fields import Event, get, includes, parse_reference, remove, set_field
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import MATCHED, Apply, Context, Outcome

__all__ = ["OPTIONS", "compile"]

OPTIONS: Options = {
    "fields": Option("array"),
    "nested": Option("boolean", default=False),
    "recursive": Option("boolean", default=False),
    "separator": Option("string", default="_"),
}


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that renames the listed fields, or all of the top level."""
    nested, recursive = settings["nested"], settings["recursive"]
    separator = "][" if nested else settings["separator"]
    if "." in separator:
        context.refuse("the separator cannot have a dot itself", settings, "separator")
    fields = None if settings["fields"] is None else [str(field) for field in settings["fields"]]

    def apply(event: Event) -> Outcome:
        for reference in fields if fields is not None else list(event):
            if "." in reference and reference != "@metadata" and includes(event, parse_reference(reference)):
                renamed = reference.replace(".", separator)
                value = get(event, reference)
                remove(event, reference)
                set_field(event, f"[{renamed}]" if nested and not renamed.startswith("[") else renamed, value)
        if recursive and fields is None:
            for key in [key for key in event if key not in ("@timestamp", "@metadata")]:
                event[key] = _renamed(event[key], nested=nested, separator=settings["separator"])
        return MATCHED

    return apply


def _renamed(value: object, *, nested: bool, separator: str) -> object:
    """*value* with the dots in the keys of its hashes replaced, at every depth."""
    if isinstance(value, list):
        return [_renamed(item, nested=nested, separator=separator) for item in value]
    if not isinstance(value, dict):
        return value
    renamed: Event = {}
    for key, item in value.items():
        inner = _renamed(item, nested=nested, separator=separator)
        if nested and "." in key:
            set_field(renamed, f"[{key.replace('.', '][')}]", inner)
        else:
            renamed[key.replace(".", separator)] = inner
    return renamed
