"""
A bundle of fields that is written into many events: what a lookup found, remembered in a form that is quick to copy.
"""

from __future__ import annotations

from typing import Any

from logging_pipeline.logstash_engine.events.fields import MISSING, Event, FieldError, Path

__all__ = ["Bundle"]


class Bundle:
    """Fields by path; hashes are made anew for every event, so that no two share one."""

    __slots__ = ("_children", "_values")

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._children: dict[str, Bundle] = {}

    def add(self, path: Path, value: Any) -> None:
        """Put the scalar *value* under *path*."""
        if len(path) == 1:
            self._values[path[0]] = value
        else:
            self._children.setdefault(path[0], Bundle()).add(path[1:], value)

    def write(self, into: Event) -> None:
        """
        Write the fields into an event.

        Raises:
            FieldError: null or a scalar stands where a hash is needed.
        """
        into.update(self._values)
        for key, child in self._children.items():
            present = into.get(key, MISSING)
            if present.__class__ is dict:
                child.write(present)
            elif present is MISSING:
                into[key] = child._made()
            elif present.__class__ is not list:  # below a list a key that is no number is ignored
                raise FieldError(f"cannot set {key!r}: it holds {'null' if present is None else 'a scalar'}")

    def _made(self) -> dict[str, Any]:
        made = self._values.copy()
        for key, child in self._children.items():
            made[key] = child._made()
        return made
