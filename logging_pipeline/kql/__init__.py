"""
Kibana's query language: to an Elasticsearch query for what is stored, to a predicate for what passes by.

Pure: no I/O. ``docs/kql.md`` describes the language::

    node = parse('http.response.status_code >= 500 and not http.route: "health/"')
    to_query(node, contract())   # {"bool": {"filter": [...], "must_not": [...]}}
    matcher(node, contract())    # event -> bool, the same events

    PARSE  text -> scanner -> parser -> syntax -> writer -> text
    MEAN   syntax -> names, typed (values, dates, words) -> meaning -> conditions
    USE    conditions -> query, or matching (over what is stored); completion for who is still writing
"""

from logging_pipeline.errors import KqlError
from logging_pipeline.kql.completion import Completion, Suggestion, complete
from logging_pipeline.kql.matching import matcher
from logging_pipeline.kql.options import Limits, Options
from logging_pipeline.kql.parser import parse
from logging_pipeline.kql.query import to_query
from logging_pipeline.kql.syntax import Node, fields
from logging_pipeline.kql.writer import spelled, to_text

__all__ = [
    "Completion",
    "KqlError",
    "Limits",
    "Node",
    "Options",
    "Suggestion",
    "complete",
    "fields",
    "matcher",
    "parse",
    "spelled",
    "to_query",
    "to_text",
]
