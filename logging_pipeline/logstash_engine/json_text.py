"""
JSON as the json filter and codec read it: decimals with all their digits, integers of any size, nothing that the
standard lacks.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import orjson

__all__ = ["parse_json"]

_SHAPE = bytes.maketrans(b"123456789E", b"000000000e")
_NEEDS_CARE = (b"0.", b"0e", b"0" * 19)  # orjson makes floats of these, and they keep fewer digits
_BLANK = " \t\r\n"
_BYTE_ORDER_MARK = "\ufeff"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    return abs(number) if number.is_zero() else number  # there is no negative zero among Java's


_decoder = json.JSONDecoder(parse_float=_decimal, parse_constant=_refuse)


def parse_json(text: str) -> Any:
    """
    The value of the last document in *text*; null for a blank one.

    Raises:
        ValueError: something in it is not JSON.
    """
    text = text.removeprefix(_BYTE_ORDER_MARK)
    data = text.encode("utf-8", "surrogatepass")
    shape = data.translate(_SHAPE)
    if not any(careful in shape for careful in _NEEDS_CARE):
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            pass  # several documents, a blank text or a lone surrogate perhaps
    try:
        return _last_document(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _last_document(text: str) -> Any:
    value: Any = None
    position = _skip_blank(text, 0)
    while position < len(text):
        value, end = _decoder.raw_decode(text, position)
        position = _skip_blank(text, end)
        if position == end and position < len(text) and text[end - 1] not in '}]"':
            raise ValueError("two documents need a space between them")
    return value


def _skip_blank(text: str, position: int) -> int:
    while position < len(text) and text[position] in _BLANK:
        position += 1
    return position
