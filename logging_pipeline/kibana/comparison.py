"""What differs between the objects of a file and those in a space: per object, and per value inside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from logging_pipeline.kibana.canonical import canonical
from logging_pipeline.kibana.saved_objects import Key, SavedObject, key_of, title_of

__all__ = ["ABSENT", "Change", "Difference", "State", "changes_between", "compare"]

State = Literal["new", "changed", "same"]
ABSENT = "—"  # how a value that is not there is written
MAX_TEXT_CHARS = 200
_NAMES_OF_ITEMS = ("panelIndex", "columnId", "layerId", "eventId", "id", "name")
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Change:
    """
    One value: where in the object, what Kibana has, what the file has; both as JSON, long ones cut.

    Attributes:
        where: names joined by dots, items of lists by what they are called: ``panelsJSON[p1].gridData.w``.
    """

    where: str
    kibana: str
    file: str

    def __str__(self) -> str:
        return f"{self.where}: {self.kibana} → {self.file}"


@dataclass(frozen=True, slots=True)
class Difference:
    """
    One object of the file.

    Args:
        stored_as: the id of the object that it is compared with, and replaces.
        changes: empty unless the state is ``changed``.
    """

    key: Key
    title: str
    state: State
    stored_as: str
    changes: tuple[Change, ...] = ()


def compare(
    objects: Sequence[SavedObject], stored: Mapping[Key, SavedObject], renamed: Mapping[Key, str]
) -> tuple[Difference, ...]:
    """
    Hold *objects* to what is stored.

    Args:
        stored: what the space has, by its key there.
        renamed: under which id an object of the file is stored, where that is not its own.
    """
    found = []
    for each in objects:
        key = key_of(each)
        place = Key(key.type, renamed.get(key, key.id))
        theirs = stored.get(place)
        changes = tuple(changes_between(canonical(theirs), canonical(each, renamed))) if theirs is not None else ()
        state: State = "new" if theirs is None else "changed" if changes else "same"
        found.append(Difference(key, title_of(each), state, place.id, changes))
    return tuple(found)


def changes_between(theirs: Any, ours: Any, where: str = "") -> Iterator[Change]:
    """Every value that differs, by its place; a default that only one of them writes out does not."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        yield from _in_mapping(theirs, ours, where)
    elif isinstance(theirs, list) and isinstance(ours, list):
        yield from _in_list(theirs, ours, where)
    elif theirs != ours or isinstance(theirs, bool) != isinstance(ours, bool):
        yield Change(where, _text(theirs), _text(ours))


def _in_mapping(theirs: Mapping[str, Any], ours: Mapping[str, Any], where: str) -> Iterator[Change]:
    for name in sorted({*theirs, *ours}):
        before, after = theirs.get(name, _MISSING), ours.get(name, _MISSING)
        if (before is _MISSING and _says_nothing(after)) or (after is _MISSING and _says_nothing(before)):
            continue
        yield from changes_between(before, after, f"{where}.{name}" if where else name)


def _in_list(theirs: Sequence[Any], ours: Sequence[Any], where: str) -> Iterator[Change]:
    by = next((name for name in _NAMES_OF_ITEMS if _all_named(theirs, name) and _all_named(ours, name)), None)
    if by is not None:
        before, after = ({str(each[by]): each for each in items} for items in (theirs, ours))
        for name in dict.fromkeys((*before, *after)):
            yield from changes_between(before.get(name, _MISSING), after.get(name, _MISSING), f"{where}[{name}]")
        if by != "panelIndex" and set(before) == set(after) and list(before) != list(after):  # panels have a grid
            yield Change(
                where, f"order {', '.join(before)}"[:MAX_TEXT_CHARS], f"order {', '.join(after)}"[:MAX_TEXT_CHARS]
            )
    elif len(theirs) == len(ours):
        for n, (one, other) in enumerate(zip(theirs, ours, strict=True)):
            yield from changes_between(one, other, f"{where}[{n}]")
    else:
        yield Change(where, _text(theirs), _text(ours))


def _says_nothing(value: Any) -> bool:
    """A default that is written out. Not a zero: no decimals are not the default."""
    if isinstance(value, dict):
        return all(map(_says_nothing, value.values()))
    return value is None or value is False or (isinstance(value, str | list) and not value)


def _all_named(items: Sequence[Any], name: str) -> bool:
    names = [each.get(name) for each in items if isinstance(each, dict)]
    return len(names) == len(items) and all(isinstance(each, str) for each in names) and len(set(names)) == len(names)


def _text(value: Any) -> str:
    if value is _MISSING:
        return ABSENT
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= MAX_TEXT_CHARS else f"{text[:MAX_TEXT_CHARS]}… ({len(text)} characters)"
