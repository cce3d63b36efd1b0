"""One event as Elasticsearch stores it. Its content is a stranger's: any field may be absent or of any type."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

__all__ = ["Event", "duration", "leaves"]

MAX_DEPTH = 20  # as deep as an index maps; what lies deeper is shown as JSON
_NS_PER_US = 1_000
_MAX_DURATION_NS = 400 * 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Event:
    """
    Args:
        id: the document's id.
        category: by the data stream in which it lies.
        time: when it was logged.
        sort: its place in the order of `cursor.SORT`.
        source: the document.
    """

    id: str
    category: str
    time: datetime
    sort: list[Any]
    source: dict[str, Any]

    def value(self, name: str) -> Any:
        """The field *name*; the first of several, none when absent."""
        return _at(self.source, name)

    def text(self, name: str) -> str:
        """The field *name* as text, empty when absent."""
        value = self.value(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    @property
    def level(self) -> str:
        """debug, info, warning, error or critical; or what else the event says."""
        return self.text("log.level")

    @property
    def action(self) -> str:
        """The name under which it was logged."""
        return self.text("event.action")

    @property
    def message(self) -> str:
        """The line for people."""
        return self.text("message")

    @property
    def service(self) -> str:
        """The program."""
        return self.text("service.name")

    @property
    def trace_id(self) -> str:
        """The trace that it belongs to."""
        return self.text("trace.id")

    @property
    def error_group(self) -> str:
        """The group of errors that it belongs to."""
        return self.text("error.grouping_key")

    @property
    def error(self) -> str:
        """What went wrong, ``ValueError: no number``, unless the message says it; empty: nothing did."""
        said = ": ".join(filter(None, (self.text("error.type"), self.text("error.message"))))
        return "" if said in self.message else said

    @property
    def duration(self) -> timedelta | None:
        """How long what it tells of took, to the microsecond."""
        return duration(self.value("event.duration"))

    @property
    def start(self) -> datetime:
        """When what it tells of began: ``event.start``, else its time less its duration."""
        try:
            start = datetime.fromisoformat(self.text("event.start"))
        except ValueError:
            return self.time - (self.duration or timedelta(0))
        return start if start.tzinfo else start.replace(tzinfo=UTC)


def duration(nanoseconds: Any) -> timedelta | None:
    """*nanoseconds* to the microsecond; none when it is no whole number, or not a believable one."""
    if type(nanoseconds) is not int or not 0 <= nanoseconds < _MAX_DURATION_NS:
        return None
    return timedelta(microseconds=nanoseconds / _NS_PER_US)


def leaves(source: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every value of *source* with its dotted name; a list of plain values is one, what lies deeper is JSON text."""
    yield from _leaves(source, "", 0)


def _leaves(value: Any, name: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value and depth < MAX_DEPTH:
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else key, depth + 1)
    elif isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        yield name, value
    elif isinstance(value, dict | list):
        yield name, json.dumps(value, ensure_ascii=False)
    else:
        yield name, value


def _at(source: Any, name: str) -> Any:
    """The value of the dotted *name*, however its producer nested it; the first of a list."""
    if isinstance(source, dict):
        if name in source:
            source = source[name]
            return source[0] if isinstance(source, list) and source else source
        head, dot, rest = name.partition(".")
        if dot and head in source:
            return _at(source[head], rest)
    return None
