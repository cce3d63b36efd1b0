"""Categories and the events in them, and the contract that a running project has put together from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from logging_pipeline.contract.fields import Field
from logging_pipeline.errors import ContractError

__all__ = ["Category", "Contract", "Event"]

_CATEGORY_NAME = re.compile(r"[a-z][a-z0-9]{0,31}")
_EVENT_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
T = TypeVar("T")

RESERVED = frozenset({"dead_letter", "discarded", "all"})


@dataclass(frozen=True, slots=True)
class Event:
    """
    Something that happens, by the name under which code logs it.

    Args:
        name: dotted, the first word is the category (``order.placed``).
        description: one sentence: when it is logged.
        message: a line for people; ``{order_id}`` stands for a keyword argument of the call.
    """

    name: str
    description: str
    message: str = ""

    def __post_init__(self) -> None:
        if not _EVENT_NAME.fullmatch(self.name):
            raise ContractError(f"event {self.name!r}: names are lower case words joined by dots, e.g. order.placed")


@dataclass(frozen=True, slots=True)
class Category:
    """
    A stream of events with fields of their own: one Redis list and channel, one data stream.

    Args:
        name: lower case letters and digits, at most 32.
        description: one sentence: what a reader finds in it.
        fields: beyond the core fields, which every category has.
        events: what is logged in it.
        retention_days: how long its data stream keeps an event.
    """

    name: str
    description: str
    fields: tuple[Field, ...] = ()
    events: tuple[Event, ...] = ()
    retention_days: int = 30

    def __post_init__(self) -> None:
        if not _CATEGORY_NAME.fullmatch(self.name) or self.name in RESERVED:
            raise ContractError(
                f"category {self.name!r}: use at most 32 lower case letters and digits, and none of {sorted(RESERVED)}"
            )
        for event in self.events:
            if not event.name.startswith(f"{self.name}."):
                raise ContractError(
                    f"event {event.name!r} is declared in category {self.name!r}: its name must begin so"
                )


@dataclass(frozen=True, eq=False)
class Contract:
    """
    All categories of a project, with the look-ups that the journey needs; equal to itself alone.

    Args:
        core: fields that every event may carry.
        categories: in the order of their registration.

    Raises:
        ContractError: two declarations disagree (a field with two types, an alias with two fields).
    """

    core: tuple[Field, ...]
    categories: tuple[Category, ...]
    by_name: Mapping[str, Category] = field(init=False, repr=False)
    events: Mapping[str, Event] = field(init=False, repr=False)
    fields: Mapping[str, Field] = field(init=False, repr=False)
    aliases: Mapping[str, Mapping[str, Field]] = field(init=False, repr=False)
    category_of: Mapping[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        put = object.__setattr__  # the dataclass is frozen, these five are derived
        put(self, "by_name", MappingProxyType(_unique("category", ((c.name, c) for c in self.categories))))
        put(
            self, "events", MappingProxyType(_unique("event", ((e.name, e) for c in self.categories for e in c.events)))
        )
        every = (*self.core, *(f for c in self.categories for f in c.fields))
        put(self, "fields", MappingProxyType(_agreeing(every)))
        put(self, "aliases", MappingProxyType({c.name: _aliases((*self.core, *c.fields)) for c in self.categories}))
        loggable = (c for c in self.categories if c.name != "ledger")  # whose events the library alone makes
        put(self, "category_of", MappingProxyType({e.name: c.name for c in loggable for e in c.events}))
        _no_leaf_above_another(self.fields)

    def fields_of(self, category: str) -> tuple[Field, ...]:
        """The fields that events of *category* may carry: the core's and its own."""
        own = self.by_name[category].fields
        names = {f.name for f in own}
        return (*(f for f in self.core if f.name not in names), *own)


def _unique(kind: str, pairs: Iterable[tuple[str, T]]) -> dict[str, T]:
    found: dict[str, T] = {}
    for name, value in pairs:
        if found.setdefault(name, value) is not value:
            raise ContractError(f"{kind} {name!r} is declared twice")
    return found


def _agreeing(fields: Iterable[Field]) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for f in fields:
        other = found.setdefault(f.name, f)
        if other.type != f.type:
            raise ContractError(f"field {f.name!r} is declared as {other.type} and as {f.type}")
    return found


def _aliases(fields: Iterable[Field]) -> Mapping[str, Field]:
    found: dict[str, Field] = {}
    for f in fields:
        for key in filter(None, (f.alias, f.name)):
            other = found.setdefault(key, f)
            if other.name != f.name:
                raise ContractError(f"alias {key!r} stands for both {other.name!r} and {f.name!r}")
    return MappingProxyType(found)


def _no_leaf_above_another(fields: Mapping[str, Field]) -> None:
    for name in fields:
        parts = name.split(".")
        for end in range(1, len(parts)):
            above = ".".join(parts[:end])
            if above in fields:
                raise ContractError(f"field {name!r} lies below {above!r}, which is a value and not an object")
