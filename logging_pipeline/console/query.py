"""A search in Elasticsearch's words. Pure: no I/O. What a user wrote is only ever a value, never part of the query."""

from __future__ import annotations

from typing import Any

from logging_pipeline.console import language
from logging_pipeline.console.search import Search
from logging_pipeline.console.timerange import TimeRange, iso
from logging_pipeline.contract import Contract

__all__ = ["condition", "during"]

Query = dict[str, Any]


def condition(search: Search, contract: Contract, *, always: bool = False) -> Query:
    """
    The query of *search*, as filters: nothing is scored, the newest come first.

    Args:
        always: leave the time out.
    """
    wanted = [] if always else [during(search.time)]
    if search.text:
        wanted.append(language.query(search.text, contract, zone=search.zone))
    if search.levels:
        wanted.append({"terms": {"log.level": list(search.levels)}})
    if search.trace:
        wanted.append({"term": {"trace.id": {"value": search.trace}}})
    wanted += [f.query for f in search.filters if not f.exclude]
    unwanted = [f.query for f in search.filters if f.exclude]
    return {"bool": {"filter": wanted, "must_not": unwanted}}


def during(time: TimeRange) -> Query:
    """Events of *time*."""
    return {"range": {"@timestamp": {"gte": iso(time.start), "lt": iso(time.end)}}}
