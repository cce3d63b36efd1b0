"""
Takes text apart: ``grok { match => { "message" => "%{IP:[client][ip]} %{WORD:[http][request][method]}" } }``.

A capture extends a field that is there already, unless the field is listed in ``overwrite``. A text that takes longer
than ``timeout_millis`` is given up and tagged.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

from logging_pipeline.logstash_engine.conversions import leading_float, leading_integer
from logging_pipeline.logstash_engine.events.captures import Store, generate_store
from logging_pipeline.logstash_engine.events.fields import (
    Event,
    FieldError,
    Path,
    getter,
    parse_reference,
    setter,
)
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.events.text import ruby_text
from logging_pipeline.logstash_engine.grok_patterns import PatternError, Patterns, expand, read_patterns, stock_patterns
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import FAILED, MATCHED, Apply, Context, Outcome, ecs_option
from logging_pipeline.logstash_engine.regexes import Regex, RegexError, RegexTimeout, compile_regex

__all__ = ["OPTIONS", "compile"]

OPTIONS: Options = {
    "match": Option("hash", default={}),
    "break_on_match": Option("boolean", default=True),
    "keep_empty_captures": Option("boolean", default=False),
    "named_captures_only": Option("boolean", default=True),
    "overwrite": Option("array", default=[]),
    "pattern_definitions": Option("hash", default={}),
    "patterns_dir": Option("array", default=[]),
    "patterns_files_glob": Option("string", default="*"),
    "tag_on_failure": Option("array", default=["_grokparsefailure"]),
    "tag_on_timeout": Option("string", default="_groktimeout"),
    "target": Option("string"),
    "timeout_millis": Option("number", default=30_000),
    "timeout_scope": Option("string", default="pattern", allowed=("pattern", "event")),
    "ecs_compatibility": ecs_option(),
}

_Matcher = Callable[[Event, str], bool]
_COERCIONS: dict[str, Callable[[str], Any]] = {"int": leading_integer, "float": leading_float}


def compile(settings: Settings, context: Context) -> Apply:
    """Compile every expression and the way its captures take into the event."""
    for field, expressions in settings["match"].items():
        if not all(isinstance(one, str) for one in (expressions if isinstance(expressions, list) else [expressions])):
            context.refuse(f"the expressions for {field!r} are text", settings, "match")
    patterns = _patterns(settings, context)
    matchers = [
        (
            getter(context.path(Settings({"match": field}, settings.places), "match")),
            [
                _matcher(str(one), patterns, settings, context)
                for one in (expressions if isinstance(expressions, list) else [expressions])
            ],
        )
        for field, expressions in settings["match"].items()
    ]
    break_on_match = settings["break_on_match"]
    failure_tags, timeout_tag = [str(name) for name in settings["tag_on_failure"]], settings["tag_on_timeout"]

    def match_text(event: Event, value: Any, tries: list[_Matcher]) -> bool:
        text = value if value.__class__ is str else ruby_text(value)
        matched = False  # where all are tried it is the last one that counts
        for match in tries:
            matched = match(event, text)
            if matched and break_on_match:
                break
        return matched

    def match_field(event: Event, value: Any, tries: list[_Matcher]) -> bool:
        try:
            if value.__class__ is not list:
                return match_text(event, value, tries)
            matched = False
            for item in value:
                matched = match_text(event, item, tries) or matched
        except FieldError:  # the event cannot hold a capture: those before it stay
            return False
        return matched

    def apply(event: Event) -> Outcome:
        matched = False
        try:
            for read, tries in matchers:
                if match_field(event, read(event), tries):
                    matched = True
                    if break_on_match:
                        break
        except RegexTimeout:
            tag(event, timeout_tag)
            return FAILED
        if matched:
            return MATCHED
        for name in failure_tags:
            tag(event, name)
        return FAILED

    if len(matchers) != 1 or len(matchers[0][1]) != 1:
        return apply
    read_one, (match_one,) = matchers[0]

    def apply_one(event: Event) -> Outcome:
        """The short way where one expression meets one text, which is what most groks are for."""
        value = read_one(event)
        if value.__class__ is not str:
            return apply(event)
        try:
            if match_one(event, value):
                return MATCHED
        except FieldError:
            pass  # the event cannot hold a capture: those before it stay
        except RegexTimeout:
            tag(event, timeout_tag)
            return FAILED
        for name in failure_tags:
            tag(event, name)
        return FAILED

    return apply_one


def _patterns(settings: Settings, context: Context) -> Patterns:
    own: dict[str, str] = {}
    try:
        for folder in settings["patterns_dir"]:
            found = context.folder / pathlib.Path(str(folder))
            if not found.exists():
                context.refuse(f"there is no pattern folder or file {str(found)!r}", settings, "patterns_dir")
            files = sorted(found.glob(settings["patterns_files_glob"])) if found.is_dir() else [found]
            for file in files:
                if file.is_file():
                    own.update(read_patterns(file))
    except OSError as error:
        context.refuse(f"the patterns cannot be read: {error}", settings, "patterns_dir")
    own |= {str(name): str(pattern) for name, pattern in settings["pattern_definitions"].items()}
    return stock_patterns(ecs=context.ecs).with_own(own)


def _matcher(expression: str, patterns: Patterns, settings: Settings, context: Context) -> _Matcher:
    """A function that matches a text and stores what the expression captures."""
    timeout = settings["timeout_millis"]
    try:
        expanded = expand(expression, patterns, named_only=settings["named_captures_only"])
        regex = compile_regex(expanded, dotall=True, timeout_s=timeout / 1000 if timeout > 0 else None)
        store = _store(regex, settings)
    except (PatternError, RegexError, FieldError) as error:
        context.refuse(f"the expression {expression!r}: {error}", settings, "match")
    search = regex.searcher()

    def match(event: Event, text: str) -> bool:
        found = search(text)
        if found is None:
            return False
        store(event, found.groups())
        return True

    return match


def _store(regex: Regex, settings: Settings) -> Callable[[Event, tuple[str | None, ...]], None]:
    """A function that stores every capture; those of one name come one after the other, at the first one's turn."""
    overwrite = {str(name) for name in settings["overwrite"]}
    order: dict[str, list[int]] = {}
    for index, name in enumerate(regex.names):
        if name is not None:
            order.setdefault(name, []).append(index)
    stores: list[Store] = []
    for name, indexes in order.items():
        pattern, _, rest = name.partition(":")
        field, _, kind = rest.partition(":")
        field = field or pattern
        reference = field if settings["target"] is None else f"[{settings['target'].strip('[]')}]{_bracketed(field)}"
        path, replaces = parse_reference(reference), field in overwrite
        coercions = [_COERCIONS.get(kind)] + [None] * (len(indexes) - 1)  # a type holds for the first of a name alone
        extend = _extend(path, replaces=replaces)
        stores += [Store(index, path, how, replaces, extend) for index, how in zip(indexes, coercions, strict=True)]
    if settings["keep_empty_captures"] or any(store.path[0] in ("tags", "@timestamp") for store in stores):
        return _store_each(stores, keep_empty=settings["keep_empty_captures"])
    return generate_store(stores, len(regex.names))


def _bracketed(field: str) -> str:
    return field if field.startswith("[") else f"[{field}]"


def _store_each(stores: list[Store], *, keep_empty: bool) -> Callable[[Event, tuple[str | None, ...]], None]:
    """The same as the generated function, for what that cannot do: keep empty captures, and guard special fields."""

    def store(event: Event, groups: tuple[str | None, ...]) -> None:
        for one in stores:
            text = groups[one.group]
            value = text if one.coerce is None or text is None else one.coerce(text)
            if keep_empty or value not in (None, ""):
                one.extend(event, value)

    return store


def _extend(path: Path, *, replaces: bool) -> Callable[[Event, Any], None]:
    read, write = getter(path), setter(path)

    def extend(event: Event, value: Any) -> None:
        present = None if replaces else read(event)
        if present is None:
            write(event, value)
        elif present.__class__ is list:
            write(event, [*present, value])
        elif present.__class__ is str:
            write(event, [present, value])

    return extend
