"""A search in Elasticsearch's words. Pure: no I/O. What a user wrote is only ever a value, never part of the query."""

from __future__ import annotations

from typing import Any

from logging_pipeline.console.search import Search, words_of
from logging_pipeline.console.timerange import TimeRange, iso
from logging_pipeline.contract import Contract

__all__ = ["condition"]

Query = dict[str, Any]

_PREFIXED = ("event.action", "url.path")  # order → order.placed, /product/ → /product/tea/


def condition(search: Search, contract: Contract) -> Query:
    """The query of *search*, as filters: nothing is scored, the newest come first."""
    wanted = [_during(search.time), *(_word(word, contract) for word in words_of(search.text))]
    if search.levels:
        wanted.append({"terms": {"log.level": list(search.levels)}})
    if search.trace:
        wanted.append({"term": {"trace.id": {"value": search.trace}}})
    wanted += [f.query for f in search.filters if not f.exclude]
    unwanted = [f.query for f in search.filters if f.exclude]
    return {"bool": {"filter": wanted, "must_not": unwanted}}


def _during(time: TimeRange) -> Query:
    return {"range": {"@timestamp": {"gte": iso(time.start), "lt": iso(time.end)}}}


def _word(word: str, contract: Contract) -> Query:
    """
    *word* (or quoted phrase) stands in a text, or it is the whole value of a keyword: an id, an order number, a name.

    A text is a message, an error's message or its stack trace.
    """
    fields = contract.fields.values()
    texts = [f.name for f in fields if f.type == "text"]
    keywords = [f.name for f in fields if f.type in ("keyword", "flattened")]
    choices: list[Query] = [
        {"multi_match": {"query": word, "fields": texts, "type": "phrase"}},
        {"multi_match": {"query": word, "fields": keywords, "type": "best_fields", "lenient": True}},
        *({"prefix": {name: {"value": word}}} for name in _PREFIXED),
    ]
    if word.isascii() and word.isdecimal() and len(word) == 3:
        choices.append({"term": {"http.response.status_code": {"value": int(word)}}})
    return {"bool": {"should": choices, "minimum_should_match": 1}}
