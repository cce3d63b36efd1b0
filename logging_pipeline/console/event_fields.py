"""An event's fields in groups, with what the contract knows of each and the searches that each leads to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any

from logging_pipeline.console import filters
from logging_pipeline.console.event import Event, duration, leaves
from logging_pipeline.console.text import as_text
from logging_pipeline.contract import Contract

__all__ = ["FieldRow", "Group", "Value", "grouped"]

# Title → the first words of the names in it. The category's own fields come second, whatever is left comes last.
_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Event", ("@timestamp", "message", "event", "log", "tags")),
    ("Error", ("error",)),
    ("Trace", ("trace", "transaction", "span", "parent")),
    ("Request and client", ("http", "url", "user", "client", "user_agent", "sla")),
    ("Program", ("service", "host", "process", "agent", "data_stream", "ecs")),
    ("Labels", ("labels", "numeric_labels")),
)
_REST = "Other"
_FIRST = ("@timestamp", "message")


@dataclass(frozen=True, slots=True)
class Value:
    """
    One value as text.

    Args:
        text: as JSON writes it, text without quotes.
        filter: the parameter that finds events with it, empty when it cannot be asked for.
        note: the same as a duration, where it counts nanoseconds.
    """

    text: str
    filter: str
    note: timedelta | None


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field: its values, and the contract's sentence about it, empty when it has none."""

    name: str
    description: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together."""

    title: str
    rows: tuple[FieldRow, ...]


def grouped(event: Event, contract: Contract) -> tuple[Group, ...]:
    """Every field of *event*, none left out; groups without a field are left out."""
    own = {f.name for f in contract.by_name[event.category].fields} if event.category in contract.by_name else set()
    own_title = event.category.capitalize()
    rows: dict[str, list[FieldRow]] = {title: [] for title in _titles(own_title)}
    for name, value in sorted(leaves(event.source), key=lambda leaf: _rank(leaf[0])):
        title = own_title if name in own else _title(name)
        rows[title].append(_row(name, value, contract))
    return tuple(Group(title, tuple(found)) for title, found in rows.items() if found)


def _titles(own: str) -> list[str]:
    first, *others = (title for title, _words in _GROUPS)
    return list(dict.fromkeys(chain([first, own], others, [_REST])))


def _title(name: str) -> str:
    word = name.partition(".")[0]
    return next((title for title, words in _GROUPS if word in words), _REST)


def _rank(name: str) -> tuple[int, str]:
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)


def _row(name: str, value: Any, contract: Contract) -> FieldRow:
    field = contract.fields.get(name)
    values = value if isinstance(value, list) else [value]
    return FieldRow(name, field.description if field else "", tuple(_value(name, v, contract) for v in values))


def _value(name: str, value: Any, contract: Contract) -> Value:
    text = as_text(value)
    return Value(
        text=text,
        filter=f"{name}:{text}" if filters.filterable(contract, name, text) else "",
        note=duration(value) if name == "event.duration" or name.endswith("_ns") else None,
    )
