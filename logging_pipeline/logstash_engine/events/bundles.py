"""
A bundle of fields that is written into many events: what a lookup found, remembered in a form that is quick to write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from logging_pipeline.logstash_engine.events.access import generate_writer
from logging_pipeline.logstash_engine.events.fields import MISSING, Event, Path, setter

__all__ = ["Bundle"]

_Write = Callable[[Event, tuple[Any, ...]], None]


class Bundle:
    """Scalars by path. The hashes around them are made anew for every event, so that no two events share one."""

    __slots__ = ("_values", "_write")

    def __init__(self, fields: Mapping[Path, Any]) -> None:
        self._values = tuple(fields.values())
        self._write = _writer(tuple(fields))

    def write(self, event: Event) -> None:
        """
        Write the fields into *event*.

        Raises:
            FieldError: null or a scalar stands where a hash is needed.
        """
        self._write(event, self._values)


@lru_cache(maxsize=512)  # bundles differ in their values, seldom in their fields
def _writer(paths: tuple[Path, ...]) -> _Write:
    setters = [setter(path) for path in paths]

    def one_by_one(event: Event, values: tuple[Any, ...]) -> None:
        for write, value in zip(setters, values, strict=True):
            write(event, value)

    return generate_writer(paths, MISSING, one_by_one)
