"""
Looks an address up in a database of the user's: ``geoip { source => "[client][ip]" target => "client" database =>
"/path/City.mmdb" }``.

No database comes with the library (their licences do not allow it), so the option is required here.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import maxminddb

from logging_pipeline.logstash_engine.events.fields import Event, getter, parse_reference, setter
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.geo_fields import ECS_NAMES, LEGACY_NAMES, read_record
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import FAILED, MATCHED, Apply, Context, Outcome, ecs_option

__all__ = ["OPTIONS", "compile"]

OPTIONS: Options = {
    "source": Option("string", required=True),
    "target": Option("string"),
    "database": Option("path"),
    "default_database_type": Option("string", default="City", allowed=("City", "ASN")),
    "fields": Option("array"),
    "cache_size": Option("number", default=1000),
    "tag_on_failure": Option("array", default=["_geoip_lookup_failure"]),
    "ecs_compatibility": ecs_option(),
}

_Write = Callable[[Event, Any], None]


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that looks one field up; answers are remembered."""
    read = getter(context.path(settings, "source"))
    target = _target(settings, context)
    database = _database(settings, context)
    names = ECS_NAMES if context.ecs else LEGACY_NAMES
    wanted = _wanted(settings, context, names)
    setters = {name: setter(parse_reference(f"{target}{names[name]}")) for name in wanted}
    write_empty = None if context.ecs else setter(parse_reference(target))
    failure_tags = [str(name) for name in settings["tag_on_failure"]]
    remembered: dict[str, list[tuple[_Write, Any]]] = {}
    most = max(1, int(settings["cache_size"]))

    def writes(text: str) -> list[tuple[_Write, Any]]:
        if len(remembered) >= most:
            del remembered[next(iter(remembered))]
        record = read_record(database, text, ecs=context.ecs)
        remembered[text] = [(setters[name], value) for name, value in record.items() if name in setters]
        return remembered[text]

    def apply(event: Event) -> Outcome:
        text = _first(read(event))
        found = remembered.get(text) if text else None
        if found is None and text and _is_address(text):
            found = writes(text)
        if not found:
            if write_empty is not None:
                write_empty(event, {})
            for name in failure_tags:
                tag(event, name)
            return FAILED
        for write, value in found:
            write(event, value)
        return MATCHED

    return apply


def _first(value: Any) -> str:
    if value.__class__ is list:
        value = value[0] if value else None
    return value.strip() if value.__class__ is str else ""


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _target(settings: Settings, context: Context) -> str:
    """Under ECS the parent of the source, when that is an address' field (``[client][ip]`` → ``client``)."""
    target = settings["target"]
    if target is None and context.ecs:
        path = context.path(settings, "source")
        if len(path) < 2 or path[-1] not in ("ip", "address"):
            context.refuse(
                "under ECS the filter 'geoip' needs the option 'target', "
                "unless the source is the address of one (such as [client][ip])",
                settings,
                "source",
            )
        target = "".join(f"[{key}]" for key in path[:-1])
    target = target or "geoip"
    return target if target.startswith("[") else f"[{target}]"


def _database(settings: Settings, context: Context) -> maxminddb.Reader:
    if settings["database"] is None:
        context.refuse(
            "the filter 'geoip' needs the option 'database': a file in MaxMind's format (.mmdb); "
            "none comes with the library"
        )
    try:
        return maxminddb.open_database(context.folder / settings["database"])
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        context.refuse(f"the database cannot be read: {error}", settings, "database")


def _wanted(settings: Settings, context: Context, names: dict[str, str]) -> list[str]:
    if settings["fields"] is None:
        return list(names)
    wanted = [str(field).lower() for field in settings["fields"]]
    for field in wanted:
        if field not in names:
            context.refuse(f"geoip knows no field {field!r}, only {', '.join(sorted(names))}", settings, "fields")
    return wanted
