"""What a text in a query means for a field of each type: the lowest and the highest value that it names."""

from __future__ import annotations

import ipaddress
import math
import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

__all__ = ["ADDRESS", "LONG", "address", "address_text", "addresses", "boolean", "double", "longs"]

LONG = (-(2**63), 2**63 - 1)
ADDRESS = (0, 2**128 - 1)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_MAPPED = 0xFFFF << 32  # an IPv4 address is stored as ::ffff:a.b.c.d
_PREFIX = re.compile(r"[0-9]{1,3}")


def longs(text: str) -> tuple[int, int]:
    """
    The first whole number from *text* on and the last one up to it: 5 and 5 for ``5``, 6 and 5 for ``5.5``.

    Raises:
        ValueError: it is no number.
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    number = Decimal(text)
    if abs(number) > 2**64:  # beyond every long: which side is all that counts
        beyond = 2**64 if number > 0 else -(2**64)
        return beyond, beyond
    return int(number.to_integral_value(ROUND_CEILING)), int(number.to_integral_value(ROUND_FLOOR))


def double(text: str) -> float:
    """
    *text* as a double.

    Raises:
        ValueError: it is no number, or larger than any double.
    """
    if not _NUMBER.fullmatch(text) or math.isinf(number := float(text)):
        raise ValueError(text)
    return number


def boolean(text: str) -> int:
    """
    ``true`` as 1, ``false`` as 0.

    Raises:
        ValueError: it is neither.
    """
    return ("false", "true").index(text)


def addresses(text: str) -> tuple[int, int]:
    """
    The first and last address of a network like ``10.0.0.0/8``; or one address, twice.

    Raises:
        ValueError: it is neither.
    """
    host, slash, prefix = text.partition("/")
    first, bits = _parsed(host)
    if not slash:
        return first, first
    if not _PREFIX.fullmatch(prefix) or int(prefix) > bits:
        raise ValueError(text)
    size = 1 << (bits - int(prefix))
    return first - first % size, first - first % size + size - 1


def address(text: str) -> int:
    """
    One address as a number; IPv4 as the IPv6 address that stands for it.

    Raises:
        ValueError: it is none.
    """
    return _parsed(text)[0]


def address_text(number: int) -> str:
    """An address as Elasticsearch takes it."""
    if number >> 32 == 0xFFFF:
        return str(ipaddress.IPv4Address(number - _MAPPED))
    return str(ipaddress.IPv6Address(number))


def _parsed(text: str) -> tuple[int, int]:
    """The number, and in how many bits it was written."""
    if "%" in text:
        raise ValueError(text)  # a zone, which the index does not know
    parsed = ipaddress.ip_address(text)
    return (int(parsed) + _MAPPED, 32) if parsed.version == 4 else (int(parsed), 128)
