"""
Cuts text at fixed delimiters: ``dissect { mapping => { "message" => "%{time} %{+time} [%{level}] %{rest}" } }``.

``%{name}`` a field, ``%{}`` and ``%{?name}`` skipped, ``%{+name}`` appended (``/2`` orders), ``%{&name}`` named by the
value found for ``name``, ``%{name->}`` followed by any number of delimiters.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from logging_pipeline.logstash_engine.conversions import ConversionError
from logging_pipeline.logstash_engine.conversions import whole as whole_number
from logging_pipeline.logstash_engine.dissection import Dissection, MappingError
from logging_pipeline.logstash_engine.events.fields import MISSING, Event, getter, set_field, setter
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.events.text import java_text, json_text
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import FAILED, MATCHED, UNMATCHED, Apply, Context, Outcome

__all__ = ["OPTIONS", "compile"]

OPTIONS: Options = {
    "mapping": Option("hash", default={}),
    "convert_datatype": Option("hash", default={}),
    "tag_on_failure": Option("array", default=["_dissectfailure"]),
}

_TYPES = ("int", "float")


def compile(settings: Settings, context: Context) -> Apply:
    """Compile every mapping and conversion."""
    mappings = [_mapping(field, str(mapping), settings, context) for field, mapping in settings["mapping"].items()]
    conversions = [
        _conversion(field, str(kind), settings, context) for field, kind in settings["convert_datatype"].items()
    ]
    failure_tags = [str(name) for name in settings["tag_on_failure"]]

    def apply(event: Event) -> Outcome:
        outcome: Outcome = UNMATCHED if mappings else MATCHED
        for read, dissection in mappings:
            value = read(event)
            if value is MISSING:
                continue
            found = _dissected(dissection, value)
            if found is None:
                for name in failure_tags:
                    tag(event, name)
                return FAILED
            for reference, text in found:
                set_field(event, reference, text)
            outcome = MATCHED
        if outcome:
            for convert in conversions:
                convert(event)
        return outcome

    return apply


def _dissected(dissection: Dissection, value: Any) -> list[tuple[str, str]] | None:
    """The fields found in the text of *value*: a list is its JSON, a number cannot be dissected."""
    if value.__class__ is str:
        return dissection.parse(value)
    if value.__class__ is list or value.__class__ is dict:
        return dissection.parse(json_text(value))
    return None


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
    read, write = getter(path, MISSING), setter(path)
    whole = kind.lower() == "int"

    def convert(event: Event) -> None:
        value = read(event)
        if value is MISSING:
            tag(event, f"_dataconversionmissing_{field}_{kind}")
            return
        try:
            number = Decimal(java_text(value).strip())
            if not number.is_finite():
                raise InvalidOperation
            converted = whole_number(number) if whole else _plain(number)
        except (InvalidOperation, ConversionError):
            empty = value is None or value == ""
            tag(event, f"_dataconversion{'nullvalue' if empty else 'uncoercible'}_{field}_{kind}")
            return
        write(event, converted)

    return convert


def _plain(number: Decimal) -> Decimal | int:
    """A number without point or exponent is an integer."""
    return int(number) if number.as_tuple().exponent == 0 else number
