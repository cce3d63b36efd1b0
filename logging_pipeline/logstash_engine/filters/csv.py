"""
Takes a line of comma-separated values apart: ``csv { columns => ["sku", "qty"] convert => { "qty" => "integer" } }``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from logging_pipeline.logstash_engine.csv_line import CsvError, split_line
from logging_pipeline.logstash_engine.events.fields import Event, FieldError, getter, set_field
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.events.timestamp import Timestamp
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import FAILED, MATCHED, UNMATCHED, Apply, Context, Outcome, ecs_option

__all__ = ["OPTIONS", "compile"]

FAILURE = "_csvparsefailure"

OPTIONS: Options = {
    "source": Option("string", default="message"),
    "target": Option("string"),
    "columns": Option("array", default=[]),
    "separator": Option("string", default=","),
    "quote_char": Option("string", default='"'),
    "autodetect_column_names": Option("boolean", default=False),
    "autogenerate_column_names": Option("boolean", default=True),
    "skip_empty_columns": Option("boolean", default=False),
    "skip_empty_rows": Option("boolean", default=False),
    "skip_header": Option("boolean", default=False),
    "convert": Option("hash", default={}),
    "ecs_compatibility": ecs_option(),
}

_INTEGER = re.compile(r"\s*[+-]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|\d+(?:_\d+)*)\s*", re.ASCII)
_FLOAT = re.compile(r"\s*[+-]?\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?(?:[eE][+-]?\d+)?\s*", re.ASCII)


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that parses one field."""
    read = getter(context.path(settings, "source"))
    columns = [str(column) for column in settings["columns"]]
    converters = {str(column): _converter(str(kind), settings, context) for column, kind in settings["convert"].items()}
    if settings["autodetect_column_names"] and columns:
        context.refuse(
            "'autodetect_column_names' and 'columns' exclude each other", settings, "autodetect_column_names"
        )
    prefix = "" if settings["target"] is None else _bracketed(settings["target"])
    separator, quote = settings["separator"], settings["quote_char"]
    if not separator or len(quote) > 1 or separator == quote:
        context.refuse("csv needs a separator, and a quote of one character that is another", settings, "separator")
    store = _storer(settings, columns, converters, prefix)

    def apply(event: Event) -> Outcome:
        source = read(event)
        if source is None or source is False:
            return UNMATCHED
        try:
            values = split_line(source, separator, quote) if source.__class__ is str else None
            if values is None:
                tag(event, FAILURE)
                return FAILED
            return store(event, values)
        except (CsvError, FieldError):
            tag(event, FAILURE)
            return FAILED

    return apply


def _bracketed(reference: str) -> str:
    return reference if reference.startswith("[") else f"[{reference}]"


def _storer(
    settings: Settings, columns: list[str], converters: dict[str, Callable[[str], Any]], prefix: str
) -> Callable[[Event, list[str | None]], Outcome]:
    """A function that writes the values of a line under their columns' names."""
    detect, skip_header = settings["autodetect_column_names"], settings["skip_header"]
    generate, skip_empty, skip_rows = (
        settings[name] for name in ("autogenerate_column_names", "skip_empty_columns", "skip_empty_rows")
    )

    def store(event: Event, values: list[str | None]) -> Outcome:
        if detect and not columns:
            columns.extend(value or f"column{number}" for number, value in enumerate(values, 1))
            event["@metadata"]["csv_header"] = True
            return UNMATCHED
        if skip_header and columns and values == columns:
            return UNMATCHED
        if skip_rows and all(not value for value in values):
            tag(event, "_csvskippedemptyfield")
            return UNMATCHED
        for index, value in enumerate(values):
            if index < len(columns):
                name = columns[index]
            elif generate:
                name = f"column{index + 1}"
            else:
                continue
            if skip_empty and not value:
                continue
            convert = converters.get(name)
            set_field(
                event, f"{prefix}{_bracketed(name)}", value if convert is None or value is None else convert(value)
            )
        return MATCHED

    return store


def _converter(kind: str, settings: Settings, context: Context) -> Callable[[str], Any]:
    if kind not in _CONVERTERS:
        context.refuse(f"convert knows no type {kind!r}, only {', '.join(_CONVERTERS)}", settings, "convert")
    return _CONVERTERS[kind]


def _integer(text: str) -> int | str:
    """A text that is no integer stays as it is, without a tag."""
    if not _INTEGER.fullmatch(text):
        return text
    digits = text.strip()
    try:
        return int(digits.replace("_", ""), 0)
    except ValueError:  # 010, which Ruby reads as octal
        return int(digits, 8) if set(digits.lstrip("+-")) <= set("01234567") else text


def _float(text: str) -> float | str:
    return float(text.replace("_", "")) if _FLOAT.fullmatch(text) else text


def _boolean(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text.strip().lower(), text)


def _date(text: str) -> Timestamp | str:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    return Timestamp.parse(moment.isoformat() if moment.tzinfo else f"{moment.isoformat()}Z") or text


_CONVERTERS: dict[str, Callable[[str], Any]] = {
    "integer": _integer,
    "float": _float,
    "boolean": _boolean,
    "date": _date,
    "date_time": _date,
}
