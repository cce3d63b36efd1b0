"""
Looks a value up: ``translate { source => "code" target => "text" dictionary => { "200" => "OK" } fallback => "?" }``.

The dictionary stands in the configuration or in a YAML, JSON or CSV file that is read again when it has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from logging_pipeline.logstash_engine.dictionaries import Dictionary, DictionaryError
from logging_pipeline.logstash_engine.events.fields import MISSING, Event, getter, setter
from logging_pipeline.logstash_engine.events.template import compile_template
from logging_pipeline.logstash_engine.events.text import java_text
from logging_pipeline.logstash_engine.events.wire import copy_value
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import MATCHED, UNMATCHED, Apply, Context, Outcome, ecs_option
from logging_pipeline.logstash_engine.regexes import RegexError

__all__ = ["OPTIONS", "compile"]

OPTIONS: Options = {
    "source": Option("string"),
    "field": Option("string"),
    "target": Option("string"),
    "destination": Option("string"),
    "dictionary": Option("hash"),
    "dictionary_path": Option("path"),
    "exact": Option("boolean", default=True),
    "fallback": Option("string"),
    "iterate_on": Option("string", unsupported="translate a list's members one by one with split before"),
    "override": Option("boolean"),
    "refresh_interval": Option("number", default=300),
    "refresh_behaviour": Option("string", default="merge", allowed=("merge", "replace")),
    "regex": Option("boolean", default=False),
    "yaml_dictionary_code_point_limit": Option("number", default=134_217_728),
    "yaml_load_strategy": Option("string", default="one_shot", allowed=("one_shot", "streaming")),
    "ecs_compatibility": ecs_option(),
}


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that looks one field up."""
    _settle_names(settings, context)
    path, target = context.path(settings, "source"), context.path(settings, "target")
    read, read_target, write = getter(path, MISSING), getter(target, MISSING), setter(target)
    override = settings["override"] if settings["override"] is not None else path == target
    lookup = _lookup(settings, context)
    fallback = None if settings["fallback"] is None else compile_template(settings["fallback"])

    def apply(event: Event) -> Outcome:
        source = read(event)
        if source is MISSING or (not override and read_target(event) is not MISSING):
            return UNMATCHED
        if source.__class__ is not str:
            if source.__class__ is list:
                source = source[0] if source else None
            source = "" if source is None else java_text(source)
        found = lookup(source)
        if found is not MISSING:
            write(event, found)
        elif fallback is not None:
            write(event, fallback(event))
        else:
            return MATCHED if path == target else UNMATCHED
        return MATCHED

    return apply


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
    if settings["dictionary"] is not None and settings["dictionary_path"] is not None:
        context.refuse("'dictionary' and 'dictionary_path' exclude each other", settings, "dictionary_path")


def _lookup(settings: Settings, context: Context) -> Callable[[str], Any]:
    """A function from a text to what it is translated to, MISSING if to nothing."""
    try:
        dictionary = Dictionary(
            settings["dictionary"] or {},
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

    def lookup(text: str) -> Any:
        found = find(text)
        return copy_value(found) if found.__class__ in (dict, list) else found

    return lookup
