"""
Changes fields: ``mutate { rename => { "a" => "[b][c]" } convert => { "n" => "integer" } }``.

The operations run in one fixed order, whatever the order they are written in. The first that fails ends the mutate
there: what was done stays, the rest and the common options do not happen, and the event is tagged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from logging_pipeline.logstash_engine import mutations
from logging_pipeline.logstash_engine.common_options import common_steps
from logging_pipeline.logstash_engine.conversions import CONVERSIONS, ConversionError
from logging_pipeline.logstash_engine.events.fields import Event, FieldError
from logging_pipeline.logstash_engine.events.statements import Step, attempt
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.options import Option, Options, Settings, nearest
from logging_pipeline.logstash_engine.plugin import FAILED, Apply, Context, Outcome
from logging_pipeline.logstash_engine.regexes import RegexError, RegexTimeout, compile_regex

__all__ = ["OPTIONS", "RUNS_COMMON_OPTIONS", "compile"]

RUNS_COMMON_OPTIONS = True  # they too may fail, and then the event is tagged as for any operation

OPTIONS: Options = {
    "coerce": Option("hash", default={}),
    "rename": Option("hash", default={}),
    "update": Option("hash", default={}),
    "replace": Option("hash", default={}),
    "convert": Option("hash", default={}),
    "gsub": Option("array", default=[]),
    "uppercase": Option("array", default=[]),
    "capitalize": Option("array", default=[]),
    "lowercase": Option("array", default=[]),
    "strip": Option("array", default=[]),
    "split": Option("hash", default={}),
    "join": Option("hash", default={}),
    "merge": Option("hash", default={}),
    "copy": Option("hash", default={}),
    "tag_on_failure": Option("string", default="_mutate_error"),
}

_FAILURES = (FieldError, ConversionError, mutations.MutationError, RegexError, RegexTimeout)

# In this order they run; each maps the option's key and value to an operation.
_OF_PAIRS: dict[str, Callable[[str, Any], Step]] = {
    "coerce": mutations.coerce,
    "rename": mutations.rename,
    "update": mutations.update,
    "replace": mutations.replace,
    "convert": mutations.convert,
    "split": mutations.split,
    "join": mutations.join,
    "merge": mutations.merge,
    "copy": mutations.copy,
}
_OF_FIELDS: dict[str, Callable[[str], Step]] = {
    "uppercase": lambda field: mutations.change_text(field, str.upper),
    "capitalize": lambda field: mutations.change_text(field, str.capitalize),
    "lowercase": lambda field: mutations.change_text(field, str.lower),
    "strip": mutations.strip,
}
_ORDER = [name for name in OPTIONS if name != "tag_on_failure"]


def compile(settings: Settings, context: Context) -> Apply:
    """Compile the operations, in their fixed order."""
    operations: list[Step] = []
    for name in _ORDER:
        value = settings[name]
        if name == "gsub":
            operations += _substitutions(settings, context)
        elif name in _OF_FIELDS:
            operations += [_OF_FIELDS[name](str(field)) for field in value]
        else:
            operations += [
                _OF_PAIRS[name](field, _checked(name, item, settings, context)) for field, item in value.items()
            ]
    failure_tag = settings["tag_on_failure"]

    def failed(event: Event) -> Outcome:
        tag(event, failure_tag)
        return FAILED

    return attempt([*operations, *common_steps(settings)], _FAILURES, failed)  # UNMATCHED where all goes well


def _checked(name: str, value: Any, settings: Settings, context: Context) -> Any:
    if name == "convert":
        kind = str(value)
        if kind not in CONVERSIONS:
            known = list(CONVERSIONS)
            context.refuse(
                f"convert knows no type {kind!r}, only {', '.join(known)}{nearest(kind, known)}", settings, name
            )
        return CONVERSIONS[kind]
    if name == "merge":
        return [str(field) for field in (value if isinstance(value, list) else [value])]
    if isinstance(value, (list, dict)):
        context.refuse(
            f"{name} takes text for each field, not a {'list' if isinstance(value, list) else 'hash'}", settings, name
        )
    return str(value)


def _substitutions(settings: Settings, context: Context) -> list[Step]:
    items = [str(item) for item in settings["gsub"]]
    if len(items) % 3:
        context.refuse(
            "gsub takes three items for each field: the field, a regular expression, the replacement", settings, "gsub"
        )
    operations: list[Step] = []
    for field, pattern, replacement in zip(items[::3], items[1::3], items[2::3], strict=True):
        if "%{" not in pattern:
            try:
                compile_regex(pattern)
            except RegexError as error:
                context.refuse(f"the regular expression of gsub does not compile: {error}", settings, "gsub")
        operations.append(mutations.gsub(field, pattern, replacement))
    return operations
