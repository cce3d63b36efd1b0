"""
Keeps or removes fields of the top level by their names or values: ``prune { whitelist_names => ["^msg$", "^user$"] }``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.events.template import sprintf
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import MATCHED, Apply, Context, Outcome
from logging_pipeline.logstash_engine.regexes import Regex, RegexError, compile_regex

__all__ = ["OPTIONS", "compile"]

OPTIONS: Options = {
    "whitelist_names": Option("array", default=[]),
    "blacklist_names": Option("array", default=["%{[^}]+}"]),
    "whitelist_values": Option("hash", default={}),
    "blacklist_values": Option("hash", default={}),
    "interpolate": Option("boolean", default=False),
}

_Compile = Callable[[Event, str], Regex]


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that removes fields."""
    names, values = _names(settings, context), _values(settings, context)

    def apply(event: Event) -> Outcome:
        unwanted = [key for key in event if key != "@metadata" and names(event, key)]
        for change in values:
            change(event, unwanted)
        for key in unwanted:
            event.pop(key, None)
        return MATCHED

    return apply


def _regexes(settings: Settings, context: Context, option: str) -> tuple[list[str], _Compile]:
    """The expressions of *option*, and how one becomes a Regex; they are compiled now unless they are interpolated."""
    found = settings[option]
    patterns = list(found.values() if isinstance(found, dict) else found)
    if not all(isinstance(pattern, str) for pattern in patterns):
        context.refuse(f"{option} takes regular expressions as text", settings, option)
    if settings["interpolate"] and option in settings.places:
        return patterns, lambda event, pattern: compile_regex(sprintf(event, pattern))
    try:
        compiled = {pattern: compile_regex(pattern) for pattern in patterns}
    except RegexError as error:
        context.refuse(f"a regular expression of {option!r} does not compile: {error}", settings, option)
    return patterns, lambda _event, pattern: compiled[pattern]


def _names(settings: Settings, context: Context) -> Callable[[Event, str], bool]:
    """Whether a field goes because of its name."""
    white, white_regex = _regexes(settings, context, "whitelist_names")
    black, black_regex = _regexes(settings, context, "blacklist_names")

    def unwanted(event: Event, key: str) -> bool:
        if white and not any(white_regex(event, pattern).search(key) for pattern in white):
            return True
        return any(black_regex(event, pattern).search(key) for pattern in black)

    return unwanted


def _values(settings: Settings, context: Context) -> list[Callable[[Event, list[str]], None]]:
    """Functions that add to the unwanted fields those whose value does not please, and thin out lists."""
    changes: list[Callable[[Event, list[str]], None]] = []
    for option, keeps in (("whitelist_values", True), ("blacklist_values", False)):
        patterns, regex = _regexes(settings, context, option)
        for key, pattern in zip(settings[option], patterns, strict=True):
            changes.append(_value_change(key, pattern, regex, keeps=keeps, interpolate=settings["interpolate"]))
    return changes


def _value_change(
    name: str, pattern: str, regex: _Compile, *, keeps: bool, interpolate: bool
) -> Callable[[Event, list[str]], None]:
    def pleases(event: Event, value: Any) -> bool:
        if value.__class__ is not str:
            raise TypeError("a value pattern of prune meets something that is no text")
        return (regex(event, pattern).search(value) is not None) is keeps

    def change(event: Event, unwanted: list[str]) -> None:
        key = sprintf(event, name) if interpolate else name
        value = event.get(key)
        if value is None or value is False:
            return
        if value.__class__ is not list:
            if not pleases(event, value):
                unwanted.append(key)
            return
        kept = [item for item in value if pleases(event, item)]
        if len(kept) == len(value):
            return
        if kept:
            event[key] = kept
        else:
            unwanted.append(key)

    return change
