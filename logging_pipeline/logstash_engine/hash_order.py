"""
The order in which Logstash goes through a hash of the configuration.

Logstash keeps such a hash in a ``java.util.HashMap``: what decides is the hash code of each key (32 bits, from its
UTF-16 units) and the size of the table, which doubles beyond three quarters, not the order written. It matters where an
entry changes what the next one sees: renames that meet, ``add_field`` that reads what it added, expressions of a
dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["in_hash_order"]

_SMALLEST_TABLE = 16
_FULL = 0.75


def in_hash_order(entries: Mapping[str, Any]) -> dict[str, Any]:
    """*entries* in the order in which Logstash takes them; those of one slot as they were written."""
    slots = _SMALLEST_TABLE
    while len(entries) > slots * _FULL:
        slots *= 2
    return dict(sorted(entries.items(), key=lambda entry: _spread(_hash_code(entry[0])) & (slots - 1)))


def _hash_code(text: str) -> int:
    code = 0
    units = text.encode("utf-16-le", "surrogatepass")
    for low, high in zip(units[::2], units[1::2], strict=True):
        code = (code * 31 + (high << 8 | low)) & 0xFFFFFFFF
    return code


def _spread(code: int) -> int:
    """Higher bits take part in the choice of the slot, too."""
    return code ^ code >> 16
