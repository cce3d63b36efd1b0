"""
Looks a value up: ``translate { source => "code" target => "text" dictionary => { "200" => "OK" } fallback => "?" }``.

The dictionary stands in the configuration or in a YAML, JSON or CSV file that is read again when it has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from logging_pipeline.logstash_engine.common_options import as_list, compile_common_options
from logging_pipeline.logstash_engine.dictionaries import Dictionary, DictionaryError
from logging_pipeline.logstash_engine.events.fields import MISSING, Event, FieldError, Path, getter, setter
from logging_pipeline.logstash_engine.events.template import Template, compile_template
from logging_pipeline.logstash_engine.events.text import ruby_text
from logging_pipeline.logstash_engine.events.wire import copy_value
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import FAILED, UNMATCHED, Apply, Context, Outcome, ecs_option
from logging_pipeline.logstash_engine.regexes import RegexError

__all__ = ["OPTIONS", "RUNS_COMMON_OPTIONS", "compile"]

RUNS_COMMON_OPTIONS = True  # where they fail, that too goes without a tag

OPTIONS: Options = {
    "source": Option("string"),
    "field": Option("string"),
    "target": Option("string"),
    "destination": Option("string"),
    "dictionary": Option("hash"),
    "dictionary_path": Option("path"),
    "exact": Option("boolean", default=True),
    "fallback": Option("string"),
    "iterate_on": Option("string"),
    "override": Option("boolean"),
    "refresh_interval": Option("number", default=300),
    "refresh_behaviour": Option("string", default="merge", allowed=("merge", "replace")),
    "regex": Option("boolean", default=False),
    "yaml_dictionary_code_point_limit": Option("number", default=134_217_728),
    "yaml_load_strategy": Option("string", default="one_shot", allowed=("one_shot", "streaming")),
    "ecs_compatibility": ecs_option(),
}

_Lookup = Callable[[str], Any]
_Update = Callable[[Event], bool | None]  # whether something was found; None if there was nothing to look up


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that looks up one field, every member of a list, or a field of every hash in a list."""
    _settle_names(settings, context)
    source, target = context.path(settings, "source"), context.path(settings, "target")
    lookup = _lookup(settings, context)
    fallback = None if settings["fallback"] is None else compile_template(settings["fallback"])
    if settings["iterate_on"] is None:
        update = _single(source, target, lookup, fallback)
    elif settings["iterate_on"] == settings["source"]:
        update = _members(source, target, lookup, fallback)
    else:
        update = _hashes(context.path(settings, "iterate_on"), source, target, lookup, fallback)
    keeps = settings["iterate_on"] in (None, settings["source"]) and not settings["override"]
    in_place, matched = source == target, compile_common_options(settings)
    present = getter(target, MISSING)

    def apply(event: Event) -> Outcome:
        if keeps and present(event) is not MISSING:
            return UNMATCHED
        try:
            updated = update(event)
            if matched is not None and (updated or (updated is not None and in_place)):
                matched(event)
        except FieldError:
            return FAILED  # without a tag, as in Logstash
        return UNMATCHED

    return apply


def _single(source: Path, target: Path, lookup: _Lookup, fallback: Template | None) -> _Update:
    """One value; of a list the first member."""
    read, write = getter(source, MISSING), setter(target)

    def update(event: Event) -> bool | None:
        value = read(event)
        if value.__class__ is not str:
            if value is MISSING:
                return None
            if value.__class__ is list:
                value = value[0] if value else None
            value = ruby_text(value)
        found = lookup(value)
        if found is not MISSING:
            write(event, found)
        elif fallback is not None:
            write(event, fallback(event))
        else:
            return False
        return True

    return update


def _members(source: Path, target: Path, lookup: _Lookup, fallback: Template | None) -> _Update:
    """A list of what the members of a list become; null or the fallback where nothing is found."""
    read, write = getter(source, MISSING), setter(target)

    def update(event: Event) -> bool | None:
        value = read(event)
        if value is MISSING:
            return None
        otherwise = None if fallback is None else fallback(event)
        found = [lookup(ruby_text(member)) for member in as_list(value)]
        results = [otherwise if result is MISSING else result for result in found]
        write(event, results)
        return any(result is not None and result is not False for result in results)

    return update


def _hashes(iterate_on: Path, source: Path, target: Path, lookup: _Lookup, fallback: Template | None) -> _Update:
    """A field of every hash in a list."""
    read = getter(iterate_on, MISSING)

    def update(event: Event) -> bool | None:
        value = read(event)
        if value is MISSING:
            return None
        updated = False
        for index in range(len(as_list(value))):
            member = (*iterate_on, str(index))
            inner = getter((*member, *source))(event)
            if inner is None:
                continue
            found = lookup(ruby_text(inner))
            if found is MISSING and fallback is None:
                continue
            setter((*member, *target))(event, fallback(event) if found is MISSING and fallback else found)
            updated = True
        return updated

    return update


def _settle_names(settings: Settings, context: Context) -> None:
    """Bring the old names of options under the new ones."""
    for new, old in (("source", "field"), ("target", "destination")):
        if settings[new] is not None and settings[old] is not None:
            context.refuse(f"{new!r} and {old!r} are the same option: keep {new!r}", settings, old)
        settings[new] = settings[new] if settings[new] is not None else settings[old]
    if settings["source"] is None:
        context.refuse("the filter 'translate' needs the option 'source'")
    if settings["target"] is None:
        settings["target"] = settings["source"] if context.ecs else "translation"
    if settings["source"] == settings["target"]:
        if settings["override"] is False:
            context.refuse("in place there is nothing but to override: take the option out", settings, "override")
        settings["override"] = True
    if settings["dictionary"] is not None and settings["dictionary_path"] is not None:
        context.refuse("'dictionary' and 'dictionary_path' exclude each other", settings, "dictionary_path")


def _lookup(settings: Settings, context: Context) -> _Lookup:
    """A function from a text to what it is translated to, MISSING if to nothing."""
    entries = settings["dictionary"] or {}
    try:
        dictionary = Dictionary(
            entries,
            path=None if settings["dictionary_path"] is None else context.folder / settings["dictionary_path"],
            refresh_s=settings["refresh_interval"],
            merge=settings["refresh_behaviour"] == "merge",
        )
        find: Callable[[str], Any]
        if not settings["exact"]:
            find = dictionary.replace  # its keys are literal text, whatever `regex` says
        else:
            find = dictionary.match if settings["regex"] else dictionary.getter
        find("")  # a regular expression in it that does not compile is found now
    except (DictionaryError, RegexError) as error:
        option = "dictionary" if settings["dictionary_path"] is None else "dictionary_path"
        context.refuse(str(error), settings, option)

    if settings["dictionary_path"] is None and not any(isinstance(value, (dict, list)) for value in entries.values()):
        return find

    def lookup(text: str) -> Any:
        found = find(text)
        return copy_value(found) if found.__class__ in (dict, list) else found

    return lookup
