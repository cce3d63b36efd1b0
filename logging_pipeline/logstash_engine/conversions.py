"""How text becomes a number in Ruby: strictly for mutate's convert, leniently for grok's type suffixes and its kin."""

from __future__ import annotations

import re
from decimal import Decimal
from math import isfinite
from typing import Any

from logging_pipeline.logstash_engine.events.text import ruby_text
from logging_pipeline.logstash_engine.events.timestamp import Timestamp

__all__ = ["CONVERSIONS", "ConversionError", "float_of_text", "leading_float", "leading_integer", "whole"]

_HEX = re.compile(r"[+-]?0x[0-9a-f]+(?:_[0-9a-f]+)*(\.[0-9a-f]+)?(p[+-]?\d+)?", re.IGNORECASE)
_DECIMAL = re.compile(r"[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+)(?:[eEdD][+-]?\d(?:_?\d){0,3})?", re.ASCII)
_STRICT_FLOAT = re.compile(r"[+-]?(?:\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?|\.\d+)(?:[eE][+-]?\d+(?:_\d+)*)?", re.ASCII)
_LEADING_INTEGER = re.compile(r"\s*([+-]?)(?:0[dD](?=\d))?(\d+(?:_\d+)*)", re.ASCII)
_LEADING_FLOAT = re.compile(r"\s*([+-]?(?:\d[\d_]*(?:\._*\d[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)", re.ASCII)
_EXPONENT = str.maketrans("dD", "ee")  # as in JRuby's decimals
_TRUE = re.compile(r"^(?:true|t|yes|y|1|1.0)$", re.MULTILINE | re.IGNORECASE)
_FALSE = re.compile(r"^(?:false|f|no|n|0|0.0)$", re.MULTILINE | re.IGNORECASE)
_BOOLEANS = {"true": True, "false": False}  # as they are written mostly
_MOST_DIGITS = 4000  # Python writes integers up to 4300 digits
_BLANK = "\0\t\n\v\f\r "


class ConversionError(Exception):
    """A value has no such number."""


def leading_integer(text: str) -> int:
    """Ruby's ``to_i``: the digits that *text* begins with, 0 without any."""
    if text.isdigit() and text.isascii():
        return int(text)
    match = _LEADING_INTEGER.match(text)
    return int(match[1] + match[2].replace("_", "")) if match else 0


def leading_float(text: str) -> float | str:
    """Ruby's ``to_f``."""
    match = _LEADING_FLOAT.match(text)
    return finite_or_text(float(match[1].replace("_", ""))) if match else 0.0


def finite_or_text(number: float) -> float | str:
    """*number*, or its name where it is beyond a float: no JSON has that number, and Logstash writes its name."""
    return number if isfinite(number) else ruby_text(number)


def _integer(value: Any) -> int:
    kind = value.__class__
    if kind is int:
        return value  # type: ignore[no-any-return]
    if kind is str:
        if value.isdecimal() and value.isascii():
            return int(value)
        return _integer_of_text(value.strip(_BLANK).replace(",", ""))
    if kind is Decimal:
        return whole(value)
    if kind in (bool, float):
        return int(value)
    if kind is Timestamp:
        return value.seconds  # type: ignore[no-any-return]
    raise ConversionError(f"{ruby_text(value)} is no integer")


def _integer_of_text(text: str) -> int:
    hexadecimal = _HEX.fullmatch(text)
    if hexadecimal and not hexadecimal[1]:
        if hexadecimal[2]:
            raise ConversionError(f"{text!r} is no integer")
        return int(text.replace("_", ""), 16)
    if hexadecimal:
        return int(float.fromhex(text.replace("_", "")))
    if _DECIMAL.fullmatch(text):
        return whole(Decimal(text.replace("_", "").translate(_EXPONENT)))
    raise ConversionError(f"{text!r} is no integer")


def whole(number: Decimal) -> int:
    """
    *number* without its fraction.

    Raises:
        ConversionError: it has so many digits that writing them would take the process with it.
    """
    if number.adjusted() > _MOST_DIGITS:
        raise ConversionError(f"{number} has too many digits")
    return int(number)


def _float(value: Any) -> float | str:
    kind = value.__class__
    if kind is float:
        return value  # type: ignore[no-any-return]
    if kind is str:
        return float_of_text(value.strip(_BLANK).replace(",", ""))
    if kind in (bool, int, Decimal):
        return _as_float(value)
    if kind is Timestamp:
        return float(value.seconds + value.nanoseconds / 1e9)
    raise ConversionError(f"{ruby_text(value)} is no float")


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        raise ConversionError("the number is beyond a float") from None


def float_of_text(text: str) -> float | str:
    """
    Ruby's ``Float``; `finite_or_text` says what comes of one that is too large.

    Raises:
        ConversionError: *text* is not a number from its beginning to its end.
    """
    if _HEX.fullmatch(text):
        return float.fromhex(text.replace("_", ""))
    if _STRICT_FLOAT.fullmatch(text):
        return finite_or_text(float(text.replace("_", "")))
    raise ConversionError(f"{text!r} is no float")


def _boolean(value: Any) -> Any:
    if value.__class__ is str and value in _BOOLEANS:
        return _BOOLEANS[value]
    text = ruby_text(value)
    if _TRUE.search(text):
        return True
    if not text or _FALSE.search(text):
        return False
    return value


def _european(value: Any) -> Any:
    """Text with points and commas swapped, anything else as it is."""
    return value.translate(_SWAP) if value.__class__ is str else value


_SWAP = str.maketrans(",.", ".,")

CONVERSIONS = {
    "string": ruby_text,
    "integer": _integer,
    "float": _float,
    "boolean": _boolean,
    "integer_eu": lambda value: _integer(_european(value)),
    "float_eu": lambda value: _float(_european(value)),
}
