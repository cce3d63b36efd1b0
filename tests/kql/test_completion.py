"""What is offered to a person who is writing a query."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logging_pipeline.kql import complete, parse, spelled
from logging_pipeline.kql.syntax import Literal
from tests.kql.strategies import CONTRACT


def offered(text: str, position: int | None = None) -> list[str]:
    found = complete(text, len(text) if position is None else position, CONTRACT)
    return [suggestion.text for suggestion in found.suggestions]


JOINS = ["and ", "or "]
ORDER = [": ", " >= ", " > ", " <= ", " < "]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http.resp", [f"http.response.{name}" for name in ("body.bytes", "mime_type", "status_class", "status_code")]),
        ("a and (http.req", [f"http.request.{name}" for name in ("body.bytes", "id", "method", "referrer")]),
        ("not sla.b", ["sla.breached"]),
        ("HTTP.ROU", ["http.route"]),
        ("breach", ["sla.breached"]),
        ("http.response:{ sta", ["status_class", "status_code"]),
        ("http.response:{ status_code", ORDER),
        ("http.route", ORDER),
        ("message", [": "]),
        ("http.route ", [*ORDER, *JOINS]),
        ("anything ", JOINS),
        ("http.route: x ", JOINS),
        ('http.route: "x"', [" and ", " or "]),
        ("(http.route: x)", [" and ", " or "]),
        ("http.response:{ status_code: 5 } ", JOINS),
        ("sla.breached: ", ["true", "false", "*"]),
        ("sla.breached: (not t", ["true"]),
        ("@timestamp >= now-", ["now-15m", "now-1h", "now-7d"]),
        ("http.route: ", ["*"]),
        ("http.route > ", []),
        ("a:b:", []),
        ('"card expired" sla.b', ["sla.breached"]),
        ('declined "card expired"', [" and ", " or "]),
        ("))", []),
        ("\\x", []),
    ],
)
def test_offers_what_can_stand_there(text, expected):
    """Fields, operators, keywords and values are offered where the language has a place for them, and only there."""
    assert offered(text) == expected


def test_an_empty_query_begins_with_a_field_or_not():
    """At the beginning every field is there, as many as a list can show, with what it means."""
    found = complete("", 0, CONTRACT).suggestions
    assert found[-1].text == "not "
    assert {s.kind for s in found[:-1]} == {"field"}
    assert found[0].meaning == CONTRACT.fields[found[0].text].description


@pytest.mark.parametrize(
    ("text", "field", "typed", "start"),
    [
        ("http.route: pro", "http.route", "pro", 12),
        ('http.route: "pro d', "http.route", "pro d", 12),
        ("log.level:(error or war", "log.level", "war", 20),
        ("http:{ route: pro", "http.route", "pro", 14),
        ("http.route >= m", "http.route", "m", 14),
        ("labels.x: ", "labels.x", "", 10),
        ("http.route: x ", "", "", 14),
        ("http.rou", "", "http.rou", 0),
    ],
)
def test_names_the_field_whose_values_are_wanted(text, field, typed, start):
    """The caller learns whose values to look up, how they begin, and what they replace."""
    found = complete(text, len(text), CONTRACT)
    assert (found.field, found.typed, found.start, found.end) == (field, typed, start, len(text))


def test_replaces_the_word_around_the_cursor():
    """What stands behind the cursor of the same word is replaced too."""
    found = complete("http.roXX: a", 7, CONTRACT)
    assert (found.start, found.end) == (0, 9)
    assert [s.text for s in found.suggestions] == ["http.route"]


@pytest.mark.parametrize(
    "value", ["error", "a b", "a:b", 'a"b\\', "and", "null", "", "10.0.0.1", "a*b", "(x)", "é", "-1"]
)
def test_spells_a_value(value):
    """A value that is written into a query is read as that very value."""
    node = parse(f"f: {spelled(value)}")
    assert isinstance(node.value, Literal)
    assert node.value.text == value
    assert spelled("error") == "error"
    assert spelled("null") == '"null"'


@settings(max_examples=300, derandomize=True, deadline=None)
@given(
    st.lists(
        st.sampled_from(["http.route", "p", ":", " ", "(", ")", "{", "}", '"', ">", "not ", " or ", "\\", "*"]),
        max_size=12,
    ),
    st.integers(-1, 40),
)
def test_never_fails(pieces, position):
    """Half-written text is completed or not, and what is to be replaced lies in the text."""
    text = "".join(pieces)
    found = complete(text, position, CONTRACT)
    assert 0 <= found.start <= found.end <= len(text)
