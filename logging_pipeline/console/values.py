"""The values that a field has in the events of a search, for completion."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from logging_pipeline.console import query
from logging_pipeline.console.search import Search
from logging_pipeline.console.store import Store
from logging_pipeline.contract import Contract

__all__ = ["MAX_VALUES", "values"]

MAX_VALUES = 10
MAX_TYPED_CHARS = 100
LOOK_AT_EVENTS = 50_000  # of each shard: who is typing wants what is common, and at once
_BY_BEGINNING = frozenset({"keyword", "flattened"})  # the index can look for a beginning
_LISTED = frozenset({"long", "ip", "boolean"})
_LABELS = "labels"


def values(
    store: Store, search: Search, categories: Sequence[str], contract: Contract, field: str, typed: str
) -> list[tuple[str, str]]:
    """
    The most frequent values of *field* that begin with *typed*, capitals or not, with how often, in words.

    Nothing where the field has no list of values (texts, dates) or is not in the contract.
    """
    kind = _kind(contract, field)
    if kind not in _BY_BEGINNING | _LISTED or len(typed) > MAX_TYPED_CHARS:
        return []
    terms: dict[str, Any] = {"field": field, "size": MAX_VALUES}
    if typed and kind in _BY_BEGINNING:
        terms["include"] = "".join(map(_either_case, typed)) + ".*"
    body = {
        "query": query.condition(search, contract),
        "size": 0,
        "track_total_hits": False,
        "terminate_after": LOOK_AT_EVENTS,
        "aggs": {"values": {"terms": terms}},
    }
    answer = store.search(categories, body)
    buckets = answer.aggregations["values"]["buckets"] if answer.aggregations else []
    found = ((str(bucket.get("key_as_string", bucket["key"])), bucket["doc_count"]) for bucket in buckets)
    return [(value, f"{count:,} events") for value, count in found if value.lower().startswith(typed.lower())]


def _kind(contract: Contract, field: str) -> str:
    if field in contract.fields:
        return contract.fields[field].type
    root, _, key = field.partition(".")
    return "flattened" if root == _LABELS and key and key.isprintable() else ""


def _either_case(character: str) -> str:
    """*character* for Lucene's regular expressions."""
    cases = {character.lower(), character.upper()}
    if len(cases) == 2 and all(len(case) == 1 for case in cases):
        return f"[{''.join(sorted(cases))}]"
    return re.sub(r"""([^\w\s])""", r"\\\1", character)
