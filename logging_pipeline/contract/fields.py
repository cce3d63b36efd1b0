"""What a field is: its name, its type in Elasticsearch, and what it means to a reader."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from logging_pipeline.errors import ContractError

__all__ = ["Field", "FieldType"]

FieldType = Literal["keyword", "text", "long", "double", "boolean", "date", "date_nanos", "ip", "flattened"]

_NAME = re.compile(r"@timestamp|[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_TYPES = frozenset(FieldType.__args__)  # type: ignore[attr-defined]  # a Literal has its values there


@dataclass(frozen=True, slots=True)
class Field:
    """
    One field of the contract; the index template, the docs, masking and the dashboards follow from it.

    Args:
        name: dotted, in ECS' spelling where ECS has the field.
        type: a type that the small and the full Elasticsearch distribution both know.
        description: one sentence for the person who searches; with the unit.
        alias: the keyword argument under which code logs it (``order_id`` for ``shop.order.id``).
        trusted: the library sets it; a keyword argument of that name goes to ``labels``.
        enriched: set by the Logstash pipelines, never by a producer.

    Raises:
        ContractError: the name or the type is not one that the index can hold.
    """

    name: str
    type: FieldType
    description: str
    alias: str | None = None
    trusted: bool = False
    enriched: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ContractError(f"field {self.name!r}: names are lower case words joined by dots, e.g. shop.order.id")
        if self.type not in _TYPES:
            raise ContractError(f"field {self.name!r}: type {self.type!r} is none of {', '.join(sorted(_TYPES))}")
