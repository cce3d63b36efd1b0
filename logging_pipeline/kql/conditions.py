"""
What a query asks of an event, in the terms of the index: names resolved, values typed, dates fixed.

A query for Elasticsearch and a predicate in memory are both made from these, so they cannot read a query differently.
"""

from __future__ import annotations

from dataclasses import dataclass

from logging_pipeline.contract import FieldType

__all__ = ["All", "Between", "Condition", "Equals", "Exists", "Like", "No", "OneOf", "Phrase", "Target", "Words"]

Bound = int | float | str


@dataclass(frozen=True, slots=True)
class Target:
    """
    Where in an event to look, and how the index reads what is there.

    Args:
        name: as Elasticsearch takes it; ``numeric_labels.*`` stands for all below it.
        type: the field's.
        path: the names of the objects that lead to it.
        key: of a flattened field; ``None`` for all its values.
    """

    name: str
    type: FieldType
    path: tuple[str, ...]
    key: str | None = None

    @property
    def pattern(self) -> bool:
        """Whether its name covers all that lies below *path* and looks like it; only the index knows what does."""
        return "*" in self.name


@dataclass(frozen=True, slots=True)
class Exists:
    """The index has any value of it."""

    target: Target


@dataclass(frozen=True, slots=True)
class Equals:
    """A keyword or flattened field has exactly this value."""

    target: Target
    value: str


@dataclass(frozen=True, slots=True)
class Words:
    """A text has any of the words in *value*; none when there is no word in it."""

    target: Target
    value: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text has the words of *value* side by side."""

    target: Target
    value: str


@dataclass(frozen=True, slots=True)
class Like:
    """A keyword or flattened value, or a word of a text, has these *parts* in order, anything between them."""

    target: Target
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """
    A value lies from *low* to *high*; ``None``: no end there; an *open* end does not itself belong.

    The bounds are longs, doubles, 0 and 1 for a boolean, nanoseconds (milliseconds for a ``date``) since 1970,
    addresses as numbers, or texts, compared by code point.
    """

    target: Target
    low: Bound | None
    high: Bound | None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True)
class No:
    """Not so."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class All:
    """All of them; of none: always."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """At least one of them; of none: never."""

    conditions: tuple[Condition, ...]


Condition = Exists | Equals | Words | Phrase | Like | Between | No | All | OneOf
