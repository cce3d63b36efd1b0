"""
How values read as text: as Java writes them (sprintf, conditions, translate) and as Ruby does (convert, join,
fingerprint).

A float is Java's ``1.0E21`` on one side and Ruby's ``1.0e+21`` on the other; cases recorded from a real Logstash show
both.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import Any

from logging_pipeline.logstash_engine.events.timestamp import Timestamp

__all__ = ["java_float", "java_plain", "java_text", "json_text", "ruby_inspect", "ruby_text"]


def java_text(value: Any) -> str:
    """The text of *value* in a sprintf: a list is joined by commas, a hash is JSON."""
    kind = value.__class__
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind is list:
        return ",".join(_joined(item) for item in value)
    if kind is dict:
        return json_text(value)
    return _java_scalar(value)


def _joined(item: Any) -> str:
    """A member of a joined list: lists are flattened, a hash is in Java's own notation."""
    if item.__class__ is list:
        return ",".join(_joined(inner) for inner in item)
    if item is None:
        return ""
    return java_plain(item)


def java_plain(value: Any) -> str:
    """Java's own ``toString``: ``{k=v}``, ``[a, b]``."""
    if value.__class__ is dict:
        return "{" + ", ".join(f"{key}={java_plain(inner)}" for key, inner in value.items()) + "}"
    if value.__class__ is list:
        return "[" + ", ".join(java_plain(inner) for inner in value) + "]"
    return _java_scalar(value)


def _java_scalar(value: Any) -> str:
    kind = value.__class__
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind is float:
        return java_float(value)
    if kind is bool:
        return "true" if value else "false"
    if value is None:
        return "null"
    return str(value)


def java_float(number: float) -> str:
    """Java's ``Double.toString``: decimal from 0.001 up to 10,000,000, scientific elsewhere."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        text = repr(number)
        return text if "e" not in text else format(Decimal(text), "f")
    digits, exponent = _digits(number)
    sign = "-" if number < 0 else ""
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def _ruby_float(number: float) -> str:
    """Ruby's ``Float#to_s``: decimal from 0.0001 up to 1e16, scientific elsewhere."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0 or 1e-4 <= abs(number) < 1e16:
        text = repr(number)
        return text if "e" not in text else format(Decimal(text), "f")
    digits, exponent = _digits(number)
    sign = "-" if number < 0 else ""
    return f"{sign}{digits[0]}.{digits[1:] or '0'}e{exponent:+03d}"


def _digits(number: float) -> tuple[str, int]:
    """The shortest significant digits of *number*, and the exponent of the first."""
    _sign, digits, exponent = Decimal(repr(abs(number))).normalize().as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - infinities were handled
    return "".join(map(str, digits)), exponent + len(digits) - 1


def json_text(value: Any) -> str:
    """Compact JSON with numbers as Java writes them; not recursive: a sender nests as deep as he likes."""
    written: list[str] = []
    waiting: list[Any] = [value]
    while waiting:
        item = waiting.pop()
        kind = item.__class__
        if kind is dict:
            parts = [part for key, inner in item.items() for part in (_Raw(","), str(key), _Raw(":"), inner)]
            waiting += [_Raw("}"), *reversed(parts[1:]), _Raw("{")]
        elif kind is list:
            parts = [part for inner in item for part in (_Raw(","), inner)]
            waiting += [_Raw("]"), *reversed(parts[1:]), _Raw("[")]
        else:
            written.append(_json_scalar(item))
    return "".join(written)


class _Raw(str):
    """A piece of JSON that is written as it is."""

    __slots__ = ()


def _json_scalar(value: Any) -> str:
    kind = value.__class__
    if kind is str:
        return json.dumps(value, ensure_ascii=False)
    if kind is Timestamp:
        return f'"{value.text}"'
    return str(value) if kind is _Raw else _java_scalar(value)


def ruby_text(value: Any) -> str:
    """Ruby's ``to_s``."""
    kind = value.__class__
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind is int:
        return str(value)
    if value is None:
        return ""
    if kind is Timestamp:
        return value.text  # type: ignore[no-any-return]
    return ruby_inspect(value)


def ruby_inspect(value: Any) -> str:
    """Ruby's ``inspect``."""
    kind = value.__class__
    if kind is str:
        return _quoted(value)
    if kind is list:
        return "[" + ", ".join(ruby_inspect(item) for item in value) + "]"
    if kind is dict:
        if not value:
            return "{}"
        return "{" + ", ".join(f"{ruby_inspect(key)} => {ruby_inspect(item)}" for key, item in value.items()) + "}"
    if kind is float:
        return _ruby_float(value)
    if kind is Decimal:
        return _ruby_decimal(value)
    if value is None:
        return "nil"
    if kind is bool:
        return "true" if value else "false"
    return str(value)


def _ruby_decimal(number: Decimal) -> str:
    """Ruby's ``BigDecimal#to_s``: ``0.125e1``."""
    sign, digits, exponent = number.normalize().as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - JSON has no infinities
    text = "".join(map(str, digits))
    if text == "0":
        return "-0.0" if sign else "0.0"
    return f"{'-' if sign else ''}0.{text}e{exponent + len(digits)}"


_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\f": "\\f",
    "\v": "\\v",
    "\b": "\\b",
    "\a": "\\a",
    "\x1b": "\\e",
}


def _quoted(text: str) -> str:
    written = "".join(_ESCAPES.get(char) or (char if char.isprintable() else _code(char)) for char in text)
    return '"' + re.sub(r"#(?=[{$@])", r"\\#", written) + '"'


def _code(char: str) -> str:
    number = ord(char)
    if number < 0x80:
        return f"\\x{number:02X}"
    return f"\\u{number:04X}" if number <= 0xFFFF else f"\\u{{{number:X}}}"
