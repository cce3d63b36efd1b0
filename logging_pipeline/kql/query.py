"""From a syntax tree to a query for Elasticsearch, of what its small distribution knows; never ``query_string``."""

from __future__ import annotations

from typing import Any

from logging_pipeline.contract import Contract
from logging_pipeline.kql.conditions import (
    All,
    Between,
    Condition,
    Equals,
    Exists,
    Like,
    No,
    OneOf,
    Phrase,
    Target,
    Words,
)
from logging_pipeline.kql.dates import iso
from logging_pipeline.kql.meaning import conditions
from logging_pipeline.kql.options import Options
from logging_pipeline.kql.syntax import Node
from logging_pipeline.kql.values import address_text

__all__ = ["to_query"]

Query = dict[str, Any]


def to_query(node: Node, contract: Contract, options: Options = Options()) -> Query:  # noqa: B008  # frozen
    """
    *node* as Elasticsearch takes it under ``query``; nothing in it is scored.

    What the user wrote is only ever a value in it, or the name of a field of *contract*.

    Raises:
        KqlError: an unknown field, a value that its field cannot hold, or more than the limits allow.
    """
    return _query(conditions(node, contract, options))


def _query(condition: Condition) -> Query:
    match condition:
        case All(conditions=()):
            return {"match_all": {}}
        case OneOf(conditions=()):
            return {"match_none": {}}
        case All(conditions=those):
            return _both([c for c in those if not isinstance(c, No)], [c.condition for c in those if isinstance(c, No)])
        case No(condition=inner):
            return _both([], [inner])
        case OneOf(conditions=those):
            return {"bool": {"should": [_query(c) for c in those], "minimum_should_match": 1}}
        case Exists(target=target):
            return {"exists": {"field": target.name}}
        case Equals(target=target, value=value):
            return {"term": {target.name: {"value": value}}}
        case Words(target=target, value=value):
            return {"match": {target.name: {"query": value}}}
        case Phrase(target=target, value=value):
            return {"match_phrase": {target.name: {"query": value}}}
        case Like(target=target, parts=(beginning, "")):
            return {"prefix": {target.name: {"value": beginning}}}
        case Like(target=target, parts=parts):
            return {"wildcard": {target.name: {"value": "*".join(part.translate(_ESCAPED) for part in parts)}}}
        case Between():
            return _between(condition)


def _both(wanted: list[Condition], unwanted: list[Condition]) -> Query:
    """``not`` needs no level of its own: Elasticsearch limits how deep a query is nested."""
    clauses = {"filter": [_query(c) for c in wanted], "must_not": [_query(c) for c in unwanted]}
    return {"bool": {name: queries for name, queries in clauses.items() if queries}}


_ESCAPED = str.maketrans({"\\": r"\\", "*": r"\*", "?": r"\?"})


def _between(between: Between) -> Query:
    target, low, high = between.target, between.low, between.high
    if low is not None and low == high:
        value = _value(target, low)
        if target.pattern:  # the names below are the index's to know
            return {"multi_match": {"query": value, "fields": [target.name], "lenient": True}}
        return {"term": {target.name: {"value": value}}}
    bounds: dict[str, Any] = {}
    if low is not None:
        bounds["gt" if between.low_open else "gte"] = _value(target, low)
    if high is not None:
        bounds["lt" if between.high_open else "lte"] = _value(target, high)
    return {"range": {target.name: bounds}}


def _value(target: Target, bound: float | str) -> Any:
    match target.type, bound:
        case "boolean", int():
            return bool(bound)
        case "ip", int():
            return address_text(bound)
        case "date_nanos", int():
            return iso(bound)
        case "date", int():
            return iso(bound * 1_000_000)
        case _:
            return bound
