"""What is typed into a search box of the console: Kibana's language; a value without a field is words."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from logging_pipeline.console.problems import BadQuery
from logging_pipeline.contract import Contract
from logging_pipeline.errors import KqlError
from logging_pipeline.kql import Options, parse, to_query

__all__ = ["query"]


def query(text: str, contract: Contract, *, now: datetime | None = None, zone: tzinfo) -> dict[str, Any]:
    """
    *text* for Elasticsearch. What was typed is only ever a value in it, or the name of a field of *contract*.

    Raises:
        BadQuery: it is not in the language, names a field that is not there, or asks for too much.
    """
    try:
        return to_query(parse(text, words=True), contract, Options(now=now, zone=zone, words=True))
    except KqlError as error:
        raise BadQuery("q", error) from None
