"""
Takes a line of comma-separated values apart: ``csv { columns => ["sku", "qty"] convert => { "qty" => "integer" } }``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from logging_pipeline.logstash_engine.conversions import ConversionError, float_of_text
from logging_pipeline.logstash_engine.csv_line import CsvError, split_line
from logging_pipeline.logstash_engine.events.fields import Event, FieldError, getter, set_field
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.events.timestamp import Timestamp
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import Context, Multiply, ecs_option
from logging_pipeline.logstash_engine.times.names import ENGLISH

__all__ = ["MULTIPLIES", "OPTIONS", "VANISHES", "compile"]

MULTIPLIES = True  # a header makes no event
VANISHES = "csv header"

FAILURE = "_csvparsefailure"

_NO_QUOTE = r"\x00"  # how Logstash writes the character that stands in no text

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

_Convert = Callable[[str | None], Any]

_INTEGER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0[bB][01]+(?:_[01]+)*|0[oO][0-7]+(?:_[0-7]+)*"
    r"|0[dD]\d+(?:_\d+)*|\d+(?:_\d+)*)",
    re.ASCII,
)
_DECIMAL_SIGN = re.compile(r"(?<=^)0[dD]|(?<=^[+-])0[dD]")
_PLAIN_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NAMED_DATE = re.compile(r"(?:\w+,?\s+)?(\w+)\s+(\d{1,2}),?\s+(\d{2,4})", re.ASCII)
_PLAIN_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T\s]\d\d:\d\d(?::\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z)?)?)?", re.ASCII)
_LEAP_SECOND = re.compile(r"(?<=:\d\d):60")
_MONTHS = {name.lower(): number for number, name in enumerate(ENGLISH.short_months, 1)}


def compile(settings: Settings, context: Context) -> Multiply:
    """Compile to a function that parses one field."""
    read = getter(context.path(settings, "source"))
    columns: list[Any] = list(settings["columns"])
    converters = {str(column): _converter(str(kind), settings, context) for column, kind in settings["convert"].items()}
    prefix = ""
    if settings["target"] is not None:
        context.path(settings, "target")
        prefix = _bracketed(settings["target"])
    separator, quote = settings["separator"], settings["quote_char"].replace(_NO_QUOTE, "\0")
    if not separator or len(quote) > 1 or separator == quote:
        context.refuse("csv needs a separator, and a quote of one character that is another", settings, "separator")
    store = _storer(settings, columns, converters, prefix, context.matched)

    def apply(event: Event) -> list[Event] | None:
        source = read(event)
        if source is None or source is False:
            return None
        try:
            if source.__class__ is not str:
                raise CsvError("only text has columns")
            return store(event, split_line(source, separator, quote))
        except (CsvError, FieldError):
            tag(event, FAILURE)
            return None

    return apply


def _bracketed(reference: str) -> str:
    return reference if reference.startswith("[") else f"[{reference}]"


def _storer(
    settings: Settings,
    columns: list[Any],
    converters: dict[str, _Convert],
    prefix: str,
    matched: Callable[[Event], None],
) -> Callable[[Event, list[str | None] | None], list[Event] | None]:
    """A function that writes the values of a line under their columns' names, and lets a header vanish."""
    detect, skip_header = settings["autodetect_column_names"], settings["skip_header"]
    generate, skip_empty, skip_rows = (
        settings[name] for name in ("autogenerate_column_names", "skip_empty_columns", "skip_empty_rows")
    )

    def store(event: Event, values: list[str | None] | None) -> list[Event] | None:
        if detect and not columns:
            columns.extend(values or ())
            return []
        if skip_header and columns and values == columns:
            return []
        if values is None and skip_rows:
            tag(event, "_csvskippedemptyfield")
            return None
        if values is None:
            raise CsvError("there is no line")
        for index, value in enumerate(values):
            column = columns[index] if index < len(columns) else None
            if (skip_empty and not value) or (column is None and not generate):
                continue
            if column is None:
                column = f"column{index + 1}"
            elif column.__class__ is not str:
                raise CsvError("a number names no column")
            convert = converters.get(column)
            set_field(event, f"{prefix}{_bracketed(column)}", value if convert is None else convert(value))
        matched(event)
        return None

    return store


def _converter(kind: str, settings: Settings, context: Context) -> _Convert:
    if kind not in _CONVERTERS:
        context.refuse(f"convert knows no type {kind!r}, only {', '.join(_CONVERTERS)}", settings, "convert")
    return _CONVERTERS[kind]


def _integer(text: str) -> int | str:
    """A text that is no integer stays as it is, without a tag."""
    digits = text.strip()
    if not _INTEGER.fullmatch(digits):
        return text
    digits = _DECIMAL_SIGN.sub("", digits)
    try:
        return int(digits.replace("_", ""), 0)
    except ValueError:  # 010, which Ruby reads as octal
        return int(digits, 8) if set(digits.lstrip("+-")) <= set("01234567") else text


def _float(text: str) -> float | str:
    try:
        return float_of_text(text.strip())
    except ConversionError:
        return text


def _boolean(text: str | None) -> bool | str:
    """What is neither stays as text, trimmed and in lower case; an empty value fails."""
    if text is None:
        raise CsvError("an empty value is neither true nor false")
    word = text.strip().lower()
    return {"true": True, "false": False}.get(word, word)


def _date(text: str) -> Timestamp | str:
    """``2026-03-05``, or ``Mar 5, 2026`` with a weekday perhaps."""
    named = _NAMED_DATE.fullmatch(text)
    if named is not None:
        return _named_date(named) or text
    return _moment(text) if _PLAIN_DATE.fullmatch(text) else text


def _named_date(match: re.Match[str]) -> Timestamp | None:
    month = _MONTHS.get(match[1][:3].lower())
    year = int(match[3])
    try:
        day = date(year + (2000 if year < 69 else 1900) if len(match[3]) == 2 else year, month or 0, int(match[2]))
    except ValueError:
        return None
    return Timestamp.parse(f"{day.isoformat()}T00:00:00Z")


def _date_time(text: str) -> Timestamp | str:
    return _moment(text) if _PLAIN_DATE_TIME.fullmatch(text) else text


def _moment(text: str) -> Timestamp | str:
    try:
        moment = datetime.fromisoformat(_LEAP_SECOND.sub(":59", text))
    except ValueError:
        return text
    return Timestamp.parse(moment.isoformat() if moment.tzinfo else f"{moment.isoformat()}Z") or text


def _unless_empty(convert: Callable[[str], Any]) -> _Convert:
    return lambda text: None if text is None else convert(text)


_CONVERTERS: dict[str, _Convert] = {
    "integer": _unless_empty(_integer),
    "float": _unless_empty(_float),
    "boolean": _boolean,
    "date": _unless_empty(_date),
    "date_time": _unless_empty(_date_time),
}
