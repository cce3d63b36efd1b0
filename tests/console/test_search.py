"""The state of the log search in its URL."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from logging_pipeline.console import query
from logging_pipeline.console.cursor import pack
from logging_pipeline.console.problems import BadParameter
from logging_pipeline.console.search import Search, words_of
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
        f"&filter=service.name%3Ashop&filter=-url.path%3A%2Fa%26b&after={after}"
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
        (f"q={'x' * 501}", "501 characters are too long. Keep at most 500"),
        (f"q={'x+' * 17}", "the search has 17 words. Keep at most 16"),
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("  a   b ", ["a", "b"]),
        ('declined "card expired" ord-7', ["declined", "card expired", "ord-7"]),
        ('"whole"', ["whole"]),
        ('5" nail', ["5", '"', "nail"]),
        ('""', []),
    ],
)
def test_words_and_phrases(text, words):
    """Words are parted by blanks, quotes keep a phrase together, an unpaired quote is a letter."""
    assert words_of(text) == words


@given(st.text(max_size=200))
def test_no_text_ever_becomes_a_part_of_the_query(text):
    """Whatever is typed stands in the query as a value: the structure depends on the number of words alone."""
    if len(words_of(text)) > 16:
        return
    search = Search(parse("").time, text=text)
    found = query.condition(search, CORE)
    assert found["bool"].keys() == {"filter", "must_not"}
    for word, clause in zip(words_of(text), found["bool"]["filter"][1:], strict=True):
        texts, keywords, *_rest = clause["bool"]["should"]
        assert texts["multi_match"]["query"] == keywords["multi_match"]["query"] == word
    assert "query_string" not in str(found).replace(repr(text), "")
