"""The state of the log search in its URL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from logging_pipeline.console import query
from logging_pipeline.console.columns import DEFAULT
from logging_pipeline.console.cursor import pack
from logging_pipeline.console.filters import FieldFilter
from logging_pipeline.console.problems import BadParameter, BadQuery
from logging_pipeline.console.search import Search
from logging_pipeline.contract import CORE_CATEGORIES, CORE_FIELDS, Contract

CORE = Contract(CORE_FIELDS, CORE_CATEGORIES)
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def parse(text: str) -> Search:
    return Search.parse(QueryDict(text), CORE, now=NOW, zone=UTC)


def test_the_url_carries_the_whole_state():
    """What is read from a link makes the same link again, and the same search."""
    after = pack(["2026-03-01T12:00:00Z", 1, "a"])
    link = (
        "q=card+%22not+valid%22&category=http&category=audit&level=error&from=now-4h&to=now-5m&trace=abc"
        f"&filter=service.name%3Ashop&filter=-url.path%3A%2Fa%26b&column=http.route&column=labels.a+b&after={after}"
    )
    search = parse(link)
    assert search.link == f"?{link}"
    assert parse(search.link[1:]) == search


def test_without_parameters_it_is_the_last_quarter_of_an_hour():
    """The page by itself shows the newest; the trace of a link is looked for longer."""
    assert (parse("").time.start_text, parse("").time.end_text) == ("now-15m", "now")
    assert parse("trace=abc").time.start_text == "now-7d"


def test_a_change_begins_at_the_newest_again():
    """Whatever is changed, the page is no longer somewhere down an old list."""
    search = parse(f"after={pack(['2026-03-01T12:00:00Z', 1, 'a'])}")
    assert search.toggled("levels", "error").after == ""
    assert search.toggled("levels", "error").toggled("levels", "error").levels == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("category=nothing", "there is no category 'nothing'. Choose from http, auth"),
        ("level=loud", "there is no level 'loud'. Choose from debug"),
        (f"q={'x' * 2_001}", "2,001 characters are too long. Keep at most 2,000"),
        (f"q={'x+' * 60}", "more than 2,000 conditions"),
        ("q=log.level%3A", "the query ends too early"),
        ("column=nothing", "'nothing' can be no column. Choose a field"),
        ("column=@timestamp", "can be no column"),
        ("&".join(f"column=labels.{n}" for n in range(13)), "13 columns are too many. Keep at most 12"),
        (f"trace={'x' * 1_025}", "1,025 characters are too long"),
        ("&".join(["filter=log.level:error"] * 21), "21 of them are too many"),
        ("after=nonsense", "Begin again without it"),
        ("from=tomorrow", "'tomorrow' is not a time"),
    ],
)
def test_a_wrong_parameter_is_named_with_its_cure(text, message):
    """A bad link says what is wrong and what to do."""
    with pytest.raises(BadParameter) as caught:
        parse(text)
    assert message in str(caught.value)


def test_a_wrong_text_knows_its_place():
    """What is wrong in the text of the search has a place in it, and what could stand there."""
    with pytest.raises(BadQuery) as caught:
        parse("q=log.level%3Aerror+and+message+5%29")
    assert caught.value.kql.offset == 29
    assert caught.value.kql.excerpt.endswith("^")
    assert caught.value.expected == "`and` or `or` or the end of the query"


def test_columns_are_added_moved_and_removed_in_order():
    """A new column is the last, a moved one changes places, the usual ones are not named; the list stays in place."""
    after = pack(["2026-03-01T12:00:00Z", 1, "a"])
    search = parse(f"after={after}")
    added = search.column_toggled("http.route")
    assert added.columns == (*DEFAULT, "http.route")
    assert added.after == after
    assert added.column_moved("http.route", -2).columns[-3:] == ("http.route", "service.name", "trace.id")
    assert added.column_moved("log.level", -1).columns == added.columns
    assert added.column_toggled("http.route").columns == ()
    assert parse("column=http.route").column_toggled("message").columns == ("http.route", "message")


def test_a_filter_takes_the_place_of_its_opposite():
    """Only and without of the same value do not stand beside each other."""
    search = parse("filter=log.level:error&filter=service.name:shop")
    only, without = FieldFilter("log.level", "error"), FieldFilter("log.level", "error", exclude=True)
    assert search.filtered(without).filters == (search.filters[1], without)
    assert search.filtered(without).filtered(only).filters == (search.filters[1], only)


@given(st.text(max_size=200))
def test_no_text_ever_becomes_a_part_of_the_query(text):
    """Whatever is typed is refused with its place, or stands in the query as a value or as a field of the contract."""
    try:
        found = query.condition(Search(parse("").time, text=text), CORE)
    except BadParameter:
        return
    assert found["bool"].keys() == {"filter", "must_not"}
    assert set(_names(found)) <= {*CORE.fields, *_WORDS_OF_QUERIES}


_WORDS_OF_QUERIES = {
    *("bool", "filter", "must_not", "should", "minimum_should_match", "match_all", "match_none", "exists", "term"),
    *("match", "match_phrase", "prefix", "wildcard", "range", "gt", "gte", "lt", "lte", "field", "query", "value"),
}


def _names(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for name, inner in found.items():
            yield name
            yield from _names(inner)
    elif isinstance(found, list):
        for inner in found:
            yield from _names(inner)
