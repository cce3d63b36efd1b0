"""Compiles a mapping of the dissect filter and finds its fields in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Dissection", "MappingError"]

_FIELD = re.compile(r"(.*?)%\{(.*?)\}", re.DOTALL)
_ORDER = re.compile(r"(.+)/(\d+)")
_PADDING = "->"


class MappingError(ValueError):
    """A mapping names a field in a way that means nothing."""


@dataclass(frozen=True, slots=True)
class _Field:
    """
    *prefix* is one of ``+ & ?`` or empty, *before* the delimiter in front, *order* the place among appended values.
    """

    name: str
    prefix: str
    before: str
    order: int
    padded: bool


class Dissection:
    """
    A compiled mapping.

    Raises:
        MappingError: a field of it means nothing.
    """

    def __init__(self, mapping: str) -> None:
        self._fields: list[_Field] = []
        end = 0
        for match in _FIELD.finditer(mapping):
            self._fields.append(_field(match[2], match[1], len(self._fields)))
            end = match.end()
        if not self._fields:
            raise MappingError("it has no %{field}")
        self._tail = mapping[end:]
        self._delimiters = [field.before for field in self._fields[1:]] + [self._tail]

    def parse(self, text: str) -> list[tuple[str, str]] | None:
        """References and the texts found for them, or None where a delimiter is not in *text*."""
        first = self._fields[0].before
        if not text or not text.startswith(first):
            return None
        values = self._values(text, len(first))
        return None if values is None else self._named(values)

    def _values(self, text: str, position: int) -> list[str] | None:
        values: list[str] = []
        for field, delimiter in zip(self._fields, self._delimiters, strict=True):
            if not delimiter:
                values.append(text[position:])
                position = len(text)
                continue
            end = text.find(delimiter, position)
            if end < 0:
                return None
            values.append(text[position:end])
            position = end + len(delimiter)
            while field.padded and text.startswith(delimiter, position):
                position += len(delimiter)
        return values

    def _named(self, values: list[str]) -> list[tuple[str, str]]:
        found: dict[str, str] = {}
        appended: dict[str, list[tuple[int, str, str]]] = {}
        keys: dict[str, str] = {}
        indirect: list[tuple[str, str]] = []
        for field, value in zip(self._fields, values, strict=True):
            if field.prefix == "+":
                appended.setdefault(field.name, []).append((field.order, field.before, value))
            elif field.prefix == "&":
                indirect.append((field.name, value))
            else:
                keys[field.name] = value
                if field.prefix != "?" and field.name:
                    found[field.name] = value
        for name, parts in appended.items():
            found[name] = _joined(found.get(name), sorted(parts, key=lambda part: part[0]))
        results = list(found.items())
        results += [(keys[name], value) for name, value in indirect if keys.get(name)]
        return results


def _joined(first: str | None, parts: list[tuple[int, str, str]]) -> str:
    text = first
    for _order, before, value in parts:
        text = value if text is None else f"{text}{before or ' '}{value}"
    return text or ""


def _field(written: str, before: str, position: int) -> _Field:
    padded = written.endswith(_PADDING)
    name = written.removesuffix(_PADDING)
    prefix = name[:1] if name[:1] in ("+", "&", "?") else ""
    name = name.removeprefix(prefix) if prefix else name
    if prefix in ("+", "&") and (not name or name[0] in "+&"):
        raise MappingError(f"the field %{{{written}}} has a prefix and no name of its own")
    order = 0
    ordered = _ORDER.fullmatch(name) if prefix == "+" else None
    if ordered is not None:
        name, order = ordered[1], int(ordered[2])
    return _Field(name, prefix, before, order or position + 1_000_000, padded)
