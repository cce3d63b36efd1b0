"""A document while it is filled in: fields where they are asked for, everything else among the labels."""

from __future__ import annotations

from typing import Any

from logging_pipeline.contract.field_values import MAX_KEY_CHARS, as_key, as_number, as_text
from logging_pipeline.contract.plain import Fault
from logging_pipeline.contract.stack_traces import grouping_key, stack_trace

__all__ = ["USER_KEYS", "Draft", "below"]

Document = dict[str, Any]

USER_KEYS = ("user.id", "user_id")
"""What names a user becomes ``user.id``, or a text among the labels: `mask` replaces either by a keyed hash."""

_NUMBERS = (int, float)


class Draft:
    """
    A document, while it is filled in and afterwards.

    Args:
        document: what it says already, nested as ECS is; filled in place.
        values_left: further values for which its labels have room.
        chars_left: further characters of text for which it has room.

    `user` is who acts; `fault` is what `fail` was given; `misfits` counts values that did not fit their field's type,
    `omitted` those for which there was no room.
    """

    __slots__ = ("chars_left", "document", "fault", "misfits", "omitted", "user", "values_left")

    def __init__(self, document: Document, values_left: int, chars_left: int) -> None:
        self.document = document
        self.values_left = values_left
        self.chars_left = chars_left
        self.user: str | None = None
        self.fault: Fault | None = None
        self.misfits = 0
        self.omitted = 0

    def fail(self, fault: Fault) -> None:
        """*fault* is the event's error, whatever else is called so."""
        self.fault = fault
        for name, value in self.object("error").items():
            self.label(f"error.{name}", value)
        self.document["error"] = {
            "type": fault.type,
            "message": fault.message,
            "stack_trace": stack_trace(fault),
            "grouping_key": grouping_key(fault),
        }

    def put(self, path: tuple[str, ...], leaf: str, value: Any) -> bool:
        """Set *leaf* in the object at *path*; not when it is there already: the first who says something is right."""
        place = self.document
        for name in path:
            place = place.setdefault(name, {})
        if leaf in place:
            return False
        place[leaf] = value
        return True

    def object(self, name: str) -> dict[str, Any]:
        """The top-level object *name*."""
        found: dict[str, Any] = self.document.setdefault(name, {})
        return found

    def label(self, key: str, value: Any) -> None:
        """
        Put every scalar in *value* among the labels, under its dotted key.

        The members of a plain list share one key.
        """
        kind = type(value)
        entry: Any = value
        number = False
        if kind is str:
            pass
        elif kind is dict or isinstance(value, dict):
            for inner_key, inner in value.items():
                self.label(below(key, as_key(inner_key)), inner)
            return
        elif kind is list:
            for index, inner in enumerate(value):
                nested = isinstance(inner, (dict, list))
                self.label(below(key, str(index)) if nested else key, inner)
            return
        elif value is None:
            return
        else:
            number = kind in _NUMBERS and as_number(value) is not None and not key.endswith(USER_KEYS)
            entry = value if number else as_text(value)
        if self.values_left <= 0 or not (number or self.affords(entry)):
            self.omitted += 1
            return
        self.values_left -= 1
        _append(self.object("numeric_labels" if number else "labels"), key, entry)

    def affords(self, text: str) -> bool:
        """Whether there is room for more text; the last one may be longer than the room, so that none is cut here."""
        if self.chars_left <= 0:
            return False
        self.chars_left -= len(text)
        return True


def _append(labels: dict[str, Any], key: str, entry: Any) -> None:
    there = labels.get(key)
    if there is None:
        labels[key] = entry
    elif type(there) is list:
        there.append(entry)
    else:
        labels[key] = [there, entry]


def below(key: str, inner: str) -> str:
    """Where the path would be too long, *key* stands for all that is below it."""
    path = f"{key}.{inner}"
    return path if len(path) <= 4 * MAX_KEY_CHARS else key
