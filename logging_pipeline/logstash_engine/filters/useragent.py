"""
Takes a user agent apart: ``useragent { source => "[user_agent][original]" target => "user_agent" }``.

Under ECS the name, version, system and device are fields and the parts of the versions metadata; without it all are
fields.
"""

from __future__ import annotations

from logging_pipeline.logstash_engine.events.bundles import Bundle
from logging_pipeline.logstash_engine.events.fields import (
    Event,
    Path,
    getter,
    parse_reference,
    remover,
)
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import MATCHED, UNMATCHED, Apply, Context, Outcome, ecs_option
from logging_pipeline.logstash_engine.user_agents import UserAgents

__all__ = ["OPTIONS", "compile"]

OPTIONS: Options = {
    "source": Option("string", required=True),
    "target": Option("string"),
    "prefix": Option("string", default=""),
    "regexes": Option("path"),
    "lru_cache_size": Option("number", default=10_000),
    "ecs_compatibility": ecs_option(),
}

_METADATA = "[@metadata][filter][user_agent]"
_ECS_NAMES = {
    "name": "[name]",
    "device": "[device][name]",
    "version": "[version]",
    "os_version": "[os][version]",
    "os_name": "[os][name]",
    "os_full": "[os][full]",
}
_ECS_PARTS = {
    "major": "[version][major]",
    "minor": "[version][minor]",
    "patch": "[version][patch]",
    "os_major": "[os][version][major]",
    "os_minor": "[os][version][minor]",
    "os_patch": "[os][version][patch]",
}


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that parses one field; what is made of each distinct text is remembered."""
    source = context.path(settings, "source")
    read, take = getter(source), remover(source)
    path = settings["regexes"]
    try:
        agents = UserAgents(None if path is None else context.folder / path)
    except OSError as error:
        context.refuse(f"the file of regular expressions cannot be read: {error}", settings, "regexes")
    paths = _paths(settings, context)
    in_place = settings["target"] == settings["source"]
    remembered: dict[str, Bundle] = {}
    most = max(1, int(settings["lru_cache_size"]))

    def fields_of(text: str) -> Bundle:
        fields = Bundle({paths[name]: value for name, value in agents.parse(text).items() if name in paths})
        if len(remembered) >= most:
            del remembered[next(iter(remembered))]
        remembered[text] = fields
        return fields

    def apply(event: Event) -> Outcome:
        text = read(event)
        if text.__class__ is list:
            text = text[0] if text else None
        if text.__class__ is not str or not text:
            return UNMATCHED
        fields = remembered.get(text) or fields_of(text)
        if in_place:
            take(event)
        fields.write(event)
        return MATCHED

    return apply


def _paths(settings: Settings, context: Context) -> dict[str, Path]:
    """Where each part of a user agent goes."""
    target = settings["target"] or ("[user_agent]" if context.ecs else "")
    if target and not target.startswith("["):
        target = f"[{target}]"
    if context.ecs:
        names = {name: target + reference for name, reference in _ECS_NAMES.items()}
        names |= {name: _METADATA + reference for name, reference in _ECS_PARTS.items()}
    else:
        names = {name: f"{target}[{settings['prefix']}{name}]" for name in (*_ECS_NAMES, *_ECS_PARTS, "os")}
    return {name: parse_reference(reference) for name, reference in names.items()}
