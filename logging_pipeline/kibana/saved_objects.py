"""Saved objects as data: a line of an export each, known by type and id."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

__all__ = ["Key", "SavedObject", "key_of", "ndjson", "read", "title_of"]

SavedObject = dict[str, Any]
"""As a line of an export: ``id``, ``type``, ``attributes``, ``references``, versions."""


class Key(NamedTuple):
    """What a saved object is known by, within one space."""

    type: str
    id: str

    def __str__(self) -> str:
        return f"{self.type}:{self.id}"


def key_of(found: Mapping[str, Any]) -> Key:
    """The key of a saved object, of a reference, or of an entry in one of Kibana's answers."""
    return Key(str(found["type"]), str(found["id"]))


def title_of(found: Mapping[str, Any]) -> str:
    """What people call it; data views and tags say it as ``name``."""
    attributes = found.get("attributes") or {}
    return str(attributes.get("name") or attributes.get("title") or found.get("id", ""))


def read(text: str) -> list[SavedObject]:
    """
    The objects of an export that `validate` finds sound; the summary at its end is none.

    Raises:
        ValueError: a line is not JSON.
    """
    # Not `splitlines`: JSON may hold U+2028 and the like unescaped, which are no ends of lines here.
    lines = (json.loads(line) for line in text.split("\n") if line.strip())
    return [found for found in lines if "exportedCount" not in found]


def ndjson(objects: Iterable[Mapping[str, Any]]) -> str:
    """One object a line, keys sorted: the same objects always give the same bytes."""
    lines = (json.dumps(each, ensure_ascii=False, separators=(",", ":"), sort_keys=True) for each in objects)
    return "".join(f"{line}\n" for line in lines)
