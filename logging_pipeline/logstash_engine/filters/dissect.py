"""
Cuts text at fixed delimiters: ``dissect { mapping => { "message" => "%{time} %{+time} [%{level}] %{rest}" } }``.

``%{name}`` a field, ``%{}`` and ``%{?name}`` skipped, ``%{+name}`` appended (``/2`` orders), ``%{&name}`` named by the
value found for ``name``, ``%{name->}`` followed by any number of delimiters. Types are converted whatever came of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from logging_pipeline.logstash_engine.conversions import ConversionError
from logging_pipeline.logstash_engine.conversions import whole as whole_number
from logging_pipeline.logstash_engine.dissection import Dissection, MappingError
from logging_pipeline.logstash_engine.events.fields import MISSING, Event, FieldError, getter, setter
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.events.text import java_plain, ruby_text
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import FAILED, UNMATCHED, Apply, Context, Outcome

__all__ = ["OPTIONS", "RUNS_COMMON_OPTIONS", "compile"]

RUNS_COMMON_OPTIONS = True  # for every mapping that matches, and before types are converted

OPTIONS: Options = {
    "mapping": Option("hash", default={}),
    "convert_datatype": Option("hash", default={}),
    "tag_on_failure": Option("array", default=["_dissectfailure"]),
}

_TYPES = ("int", "float")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,9})?", re.ASCII)


def compile(settings: Settings, context: Context) -> Apply:
    """Compile every mapping and conversion."""
    mappings = [
        _mapping(field, str(mapping), settings, context) for field, mapping in settings["mapping"].items() if mapping
    ]
    conversions = [
        _conversion(field, str(kind), settings, context) for field, kind in settings["convert_datatype"].items()
    ]
    failure_tags = [str(name) for name in settings["tag_on_failure"]]

    def failed(event: Event) -> None:
        for name in failure_tags:
            tag(event, name)

    def apply(event: Event) -> Outcome:
        failures = 0
        try:
            for read, dissection in mappings:
                value = read(event)
                if value is MISSING:
                    continue
                if dissection.run(event, ruby_text(value)):
                    context.matched(event)
                else:
                    failures += 1
                    failed(event)
            for convert in conversions:
                convert(event)
        except FieldError:
            failures += 1
            failed(event)
        return FAILED if failures else UNMATCHED

    return apply


def _mapping(
    field: str, mapping: str, settings: Settings, context: Context
) -> tuple[Callable[[Event], Any], Dissection]:
    read = getter(context.path(Settings({"mapping": field}, settings.places), "mapping"), MISSING)
    try:
        return read, Dissection(mapping)
    except MappingError as error:
        context.refuse(f"the mapping {mapping!r}: {error}", settings, "mapping")


def _conversion(field: str, kind: str, settings: Settings, context: Context) -> Callable[[Event], None]:
    if kind.lower() not in _TYPES:
        context.refuse(f"convert_datatype knows no type {kind!r}, only int and float", settings, "convert_datatype")
    path = context.path(Settings({"convert_datatype": field}, settings.places), "convert_datatype")
    read, write = getter(path), setter(path)
    whole = kind.lower() == "int"

    def convert(event: Event) -> None:
        value = read(event)
        text = java_plain(value)
        try:
            if _NUMBER.fullmatch(text) is None:
                raise ConversionError(f"{text!r} is no number")
            number = Decimal(text)
            converted = whole_number(number) if whole else _plain(number)
        except ConversionError:
            tag(event, f"_dataconversion{'nullvalue' if value is None else 'uncoercible'}_{field}_{kind}")
            return
        write(event, converted)

    return convert


def _plain(number: Decimal) -> Decimal | int:
    """A number without point or exponent is an integer; zero has no sign."""
    if number.as_tuple().exponent == 0:
        return int(number)
    return abs(number) if number.is_zero() else number
