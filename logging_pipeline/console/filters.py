"""``filter=field:value``: one exact value of one field of the contract, wanted or (``-field:value``) not wanted."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from logging_pipeline.console.problems import BadParameter
from logging_pipeline.contract import Contract
from logging_pipeline.indexes.templates import DEAD_LETTER_FIELDS, DISCARDED_FIELDS

__all__ = ["MAX_FILTERS", "MAX_VALUE_CHARS", "FieldFilter", "conditions", "filterable", "parse", "parse_all"]

MAX_FILTERS = 20
MAX_VALUE_CHARS = 1_024  # the index keeps longer values, but does not find them
_ASIDE = {f.name: f.type for f in (*DEAD_LETTER_FIELDS, *DISCARDED_FIELDS)}
_LABELS = ("labels.", "numeric_labels.")


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """*value* is what the URL says, as text."""

    field: str
    value: str
    exclude: bool = False

    def __str__(self) -> str:
        return f"{'-' if self.exclude else ''}{self.field}:{self.value}"

    @property
    def query(self) -> dict[str, Any]:
        """The condition for Elasticsearch, without the negation."""
        return {"term": {self.field: {"value": self.value}}}


def conditions(filters: Iterable[FieldFilter]) -> list[dict[str, Any]]:
    """Their conditions for Elasticsearch: of several wanted values of one field any will do."""
    wanted: dict[str, list[str]] = {}
    unwanted = []
    for each in filters:
        if each.exclude:
            unwanted.append({"bool": {"must_not": [each.query]}})
        else:
            wanted.setdefault(each.field, []).append(each.value)
    return [*({"terms": {field: values}} for field, values in wanted.items()), *unwanted]


def filterable(contract: Contract, field: str, value: Any) -> bool:
    """Whether an event's *value* of *field* can be asked for exactly."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    try:
        return parse(contract, f"{field}:{text}") == FieldFilter(field, text)
    except BadParameter:
        return False


def parse_all(contract: Contract, texts: Sequence[str]) -> tuple[FieldFilter, ...]:
    """
    Read every parameter ``filter``; one that stands twice counts once, an empty one is none.

    Raises:
        BadParameter: as `parse`, or there are too many.
    """
    if len(texts) > MAX_FILTERS:
        raise BadParameter("filter", f"{len(texts)} of them are too many", f"Keep at most {MAX_FILTERS}")
    return tuple(dict.fromkeys(parse(contract, text) for text in texts if text))


def parse(contract: Contract, text: str) -> FieldFilter:
    """
    Read one parameter ``filter``.

    Raises:
        BadParameter: the contract has no such field, it is not one of exact values, or the value is not of its type.
    """
    exclude = text.startswith("-")
    field, colon, value = text.removeprefix("-").partition(":")
    if not colon:
        raise BadParameter("filter", f"{text[:80]!r} has no colon", "Write field:value, e.g. log.level:error")
    if not value or len(value) > MAX_VALUE_CHARS:
        problem = f"the value of {field[:80]} is empty or longer than {MAX_VALUE_CHARS:,} characters"
        raise BadParameter("filter", problem, "Search for a part of its words instead")
    kind = _type(contract, field)
    check = _CHECKS.get(kind)
    if check is None:
        raise BadParameter("filter", f"{field[:80]!r} cannot be asked for exactly", "Search for its words instead")
    try:
        check(value)
    except ValueError:
        raise BadParameter("filter", f"{value[:80]!r} is no value of {field}", f"It is a {kind}") from None
    return FieldFilter(field, value, exclude)


def _type(contract: Contract, field: str) -> str:
    if field in contract.fields:
        return contract.fields[field].type
    if field in _ASIDE:
        return _ASIDE[field]
    if field.startswith(_LABELS) and field not in _LABELS and field.isprintable():
        return "double" if field.startswith("numeric") else "keyword"
    raise BadParameter("filter", f"the contract has no field {field[:80]!r}", "Choose one from an event's page")


def _long(value: str) -> None:
    if not -(2**63) <= int(value) < 2**63 or not value.removeprefix("-").isdecimal() or not value.isascii():
        raise ValueError


def _double(value: str) -> None:
    if not abs(float(value)) < 1e300 or "_" in value:  # neither infinite nor NaN
        raise ValueError


def _ip(value: str) -> None:
    ipaddress.ip_address(value)
    if "%" in value:  # a zone, which the index does not know
        raise ValueError


def _boolean(value: str) -> None:
    if value not in ("true", "false"):
        raise ValueError


_CHECKS: dict[str, Callable[[str], Any]] = {
    "keyword": str,
    "long": _long,
    "double": _double,
    "boolean": _boolean,
    "ip": _ip,
}
