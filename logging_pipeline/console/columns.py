"""The columns of a list of events: fields that were chosen, in the order in which they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from logging_pipeline.console import filters
from logging_pipeline.console.problems import BadParameter
from logging_pipeline.console.text import plain
from logging_pipeline.contract import Contract

__all__ = ["DEFAULT", "MAX_COLUMNS", "Cell", "Column", "columns", "known", "parse"]

DEFAULT = ("log.level", "data_stream.dataset", "event.action", "message", "service.name", "trace.id")
MAX_COLUMNS = 12
_TITLES = {
    "log.level": "Level",
    "data_stream.dataset": "Category",
    "event.action": "Event",
    "message": "Message",
    "service.name": "Service",
    "trace.id": "Trace",
}
_KINDS = {  # how wide, and how its cells are drawn; what is not here goes by the field's type
    "log.level": "level",
    "data_stream.dataset": "category",
    "event.action": "action",
    "message": "message",
    "service.name": "service",
    "trace.id": "trace",
}
_KIND_OF_TYPE = {"text": "wide", "long": "number", "double": "number", "boolean": "short", "ip": "name"}
_ALWAYS = "@timestamp"  # is the first column anyway
_LABELS = ("labels.", "numeric_labels.")


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: *filter* is the parameter that finds events with it, empty when it cannot be asked for."""

    text: str
    filter: str


@dataclass(frozen=True, slots=True)
class Column:
    """
    A field as a column.

    Args:
        name: the field's.
        title: above the column.
        kind: level, category, action, message, service or trace; else wide, name, number or short.
    """

    name: str
    title: str
    kind: str
    _contract: Contract

    @property
    def untitled(self) -> bool:
        """Whether its values do not say by themselves what they are."""
        return self.name not in DEFAULT

    def cell(self, text: str) -> Cell:
        """What an event has there whose field says *text*."""
        askable = text and plain(text) == text and filters.filterable(self._contract, self.name, text)
        return Cell(text, f"{self.name}:{text}" if askable else "")


def columns(contract: Contract, names: Sequence[str]) -> tuple[Column, ...]:
    """The columns *names*; of none, the usual ones."""
    return tuple(
        Column(name, _TITLES.get(name, name), _KINDS.get(name) or _kind(contract, name), contract)
        for name in names or DEFAULT
    )


def parse(contract: Contract, names: Sequence[str]) -> tuple[str, ...]:
    """
    Read the parameters ``column``.

    Raises:
        BadParameter: the contract has no such field, or there are too many.
    """
    found = tuple(dict.fromkeys(names))
    if len(found) > MAX_COLUMNS:
        raise BadParameter("column", f"{len(found)} columns are too many", f"Keep at most {MAX_COLUMNS}")
    for name in found:
        if not known(contract, name):
            raise BadParameter("column", f"{name[:80]!r} can be no column", "Choose a field of an event's page")
    return found


def known(contract: Contract, name: str) -> bool:
    """Whether the field *name* can be a column: the contract has it, or it is a label."""
    label = name.startswith(_LABELS) and name not in _LABELS and name.isprintable()
    return name != _ALWAYS and (name in contract.fields or label)


def _kind(contract: Contract, name: str) -> str:
    field = contract.fields.get(name)
    if field is None:
        return "number" if name.startswith("numeric") else "name"
    return _KIND_OF_TYPE.get(field.type, "name")
