"""Compiles a mapping of the dissect filter: finds its fields in a text and stores them in an event."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from logging_pipeline.logstash_engine.events.fields import (
    Event,
    FieldError,
    getter,
    includes,
    parse_reference,
    set_field,
    setter,
)
from logging_pipeline.logstash_engine.events.text import java_plain

__all__ = ["Dissection", "MappingError"]

_FIELD = re.compile(r"(.*?)%\{([^}]*?)\}", re.DOTALL)
_TAIL = re.compile(r"[^}]+\Z")
_SUFFIX = r"/\d{1,2}|->|/\d{1,2}->|->/\d{1,2}"
_NAME_AND_SUFFIX = re.compile(rf"(.+?)({_SUFFIX})?", re.DOTALL)
_SUFFIX_ALONE = re.compile(_SUFFIX)
_DIGITS = re.compile(r"\d+")

_NORMAL, _APPENDED, _INDIRECT = 1, 100, 1000  # the order in which fields are stored, whatever their order in the text

_Store = Callable[[Event, list[str]], None]


class MappingError(ValueError):
    """A mapping names a field in a way that means nothing."""


@dataclass(frozen=True, slots=True)
class _Field:
    """
    *prefix* is one of ``+ & ?`` or empty, *before* the delimiter in front, *rank* says when it is stored; *padded*
    means that the delimiter after it may stand several times.
    """

    name: str
    prefix: str
    before: str
    rank: int
    padded: bool


class Dissection:
    """
    A compiled mapping.

    Raises:
        MappingError: a field of it means nothing.
    """

    def __init__(self, mapping: str) -> None:
        self._fields = [_field(match[2], match[1]) for match in _FIELD.finditer(mapping)]
        if not self._fields:
            raise MappingError("it has no %{field}")
        tail = _TAIL.search(mapping)
        if tail is not None:
            self._fields.append(_Field("", "?", tail[0], 0, padded=False))
        self._stores = _stores(self._fields)

    def run(self, event: Event, text: str) -> bool:
        """
        Store the fields of *text* in the event; False where a delimiter is not in it.

        Raises:
            FieldError: the event cannot hold one of them; those before it are stored.
        """
        values = self._values(text)
        if values is None:
            return False
        for store in self._stores:
            store(event, values)
        return True

    def _values(self, text: str) -> list[str] | None:
        if not text:
            return None
        fields = self._fields
        position = 0
        values: list[str] = []
        if fields[0].before:
            if not text.startswith(fields[0].before):
                return None
            position = len(fields[0].before)
        for field, following in pairwise(fields):
            delimiter = following.before
            end = text.find(delimiter, position) if delimiter else -1
            if end < 0:
                return None
            values.append(text[position:end])
            if end > 0:  # a delimiter that the text begins with is found, and stays part of the next value
                position = end + len(delimiter)
            while field.padded and text.startswith(delimiter, position):
                position += len(delimiter)
        values.append(text[position:])
        return values


def _field(written: str, before: str) -> _Field:
    prefix = "?" if not written else written[0] if written[0] in "+&?" else ""
    rest = written.removeprefix(prefix)
    if prefix in ("+", "&") and rest[:1] in ("+", "&") and rest[:1] != prefix:
        raise MappingError(f"the field %{{{written}}} has two prefixes")
    name, suffix = _name_and_suffix(rest)
    if prefix in ("+", "&") and not name:
        raise MappingError(f"the field %{{{written}}} has a prefix and no name of its own")
    rank = {"": _NORMAL, "+": _APPENDED, "&": _INDIRECT, "?": 0}[prefix]
    order = _DIGITS.search(suffix) if prefix == "+" else None
    return _Field(name, prefix, before, rank + int(order[0]) if order else rank, "->" in suffix)


def _name_and_suffix(text: str) -> tuple[str, str]:
    if _SUFFIX_ALONE.fullmatch(text):
        return "", text
    match = _NAME_AND_SUFFIX.fullmatch(text)
    return (match[1], match[2] or "") if match else (text, "")


def _stores(fields: list[_Field]) -> list[_Store]:
    """What stores the values of *fields*, plain ones first, indirect ones last."""
    ranked = sorted(enumerate(fields), key=lambda item: item[1].rank)
    return [_STORES[field.prefix](index, field, fields) for index, field in ranked if field.prefix != "?"]


def _plain(index: int, field: _Field, _fields: list[_Field]) -> _Store:
    try:
        write = setter(parse_reference(field.name))
    except FieldError:
        return lambda event, values: set_field(event, field.name, values[index])  # it fails for every event
    return lambda event, values: write(event, values[index])


def _appended(index: int, field: _Field, _fields: list[_Field]) -> _Store:
    separator = field.before or " "

    def store(event: Event, values: list[str]) -> None:
        path = parse_reference(field.name)
        value = values[index]
        if includes(event, path):
            present = getter(path)(event)
            if present is None:
                raise FieldError(f"nothing can be appended to null in {field.name!r}")
            value = f"{java_plain(present)}{separator}{value}"
        setter(path)(event, value)

    return store


def _indirect(index: int, field: _Field, fields: list[_Field]) -> _Store:
    namesakes = [number for number, other in enumerate(fields) if other.name == field.name and number != index]

    def store(event: Event, values: list[str]) -> None:
        path = parse_reference(field.name)
        found = values[namesakes[0]] if namesakes else ""
        name = java_plain(getter(path)(event)) if includes(event, path) else found
        if name:
            set_field(event, name, values[index])

    return store


_STORES: dict[str, Callable[[int, _Field, list[_Field]], _Store]] = {"": _plain, "+": _appended, "&": _indirect}
