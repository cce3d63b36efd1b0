"""What is sent to Elasticsearch, and what is refused before it is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import orjson
import pytest

from logging_pipeline.kql import KqlError, Limits, Options, matcher, parse, to_query
from tests.kql.strategies import CONTRACT

NOW = datetime(2026, 11, 21, 10, 30, 15, 250_000, tzinfo=UTC)
OPTIONS = Options(now=NOW)


def translated(text: str, options: Options = OPTIONS) -> object:
    return to_query(parse(text), CONTRACT, options)


def term(name: str, value: object) -> dict[str, object]:
    return {"term": {name: {"value": value}}}


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", {"match_all": {}}),
        ("*", {"match_all": {}}),
        ("*: *", {"match_all": {}}),
        ("log.level: error", term("log.level", "error")),
        ('log.level: "error"', term("log.level", "error")),
        ("log.level: *", {"exists": {"field": "log.level"}}),
        ("http.route: prod*", {"prefix": {"http.route": {"value": "prod"}}}),
        (r"http.route: a\*?\\*c", {"wildcard": {"http.route": {"value": r"a\*\?\\*c"}}}),
        ("message: went away", {"match": {"message": {"query": "went away"}}}),
        ('message: "went away"', {"match_phrase": {"message": {"query": "went away"}}}),
        ("message: AW*y", {"wildcard": {"message": {"value": "aw*y"}}}),
        ("sla.breached: true", term("sla.breached", True)),
        ("http.response.status_code: 500", term("http.response.status_code", 500)),
        ("http.response.status_code: 5e2", term("http.response.status_code", 500)),
        ("http.response.status_code: 500.5", {"match_none": {}}),
        ("http.response.status_code > 499.5", {"range": {"http.response.status_code": {"gte": 500}}}),
        ("http.response.status_code < 500", {"range": {"http.response.status_code": {"lte": 499}}}),
        ("http.response.status_code < 1e300", {"exists": {"field": "http.response.status_code"}}),
        ("http.response.status_code > 1e300", {"match_none": {}}),
        ("probe.ratio > 0.5", {"range": {"probe.ratio": {"gt": 0.5}}}),
        ("numeric_labels.a.b <= 2", {"range": {"numeric_labels.a.b": {"lte": 2.0}}}),
        ("numeric_labels: *", {"exists": {"field": "numeric_labels.*"}}),
        ("labels.order: x", term("labels.order", "x")),
        ("labels.a: x*", {"prefix": {"labels.a": {"value": "x"}}}),
        ("labels: *x", {"wildcard": {"labels": {"value": "*x"}}}),
        ("client.ip: 10.0.0.1", term("client.ip", "10.0.0.1")),
        ("client.ip: 10.1.2.3/8", {"range": {"client.ip": {"gte": "10.0.0.0", "lte": "10.255.255.255"}}}),
        ('client.ip: "2001:db8::/126"', {"range": {"client.ip": {"gte": "2001:db8::", "lte": "2001:db8::3"}}}),
        ("client.ip > 255.255.255.254", {"range": {"client.ip": {"gte": "255.255.255.255"}}}),
        ("http.route > a", {"range": {"http.route": {"gt": "a"}}}),
        ("@timestamp >= now-15m", {"range": {"@timestamp": {"gte": "2026-11-21T10:15:15.250000000Z"}}}),
        ("@timestamp <= now/d", {"range": {"@timestamp": {"lte": "2026-11-21T23:59:59.999999999Z"}}}),
        ("@timestamp > now/d", {"range": {"@timestamp": {"gte": "2026-11-22T00:00:00.000000000Z"}}}),
        (
            "@timestamp: 2026-02",
            {
                "range": {
                    "@timestamp": {"gte": "2026-02-01T00:00:00.000000000Z", "lte": "2026-02-28T23:59:59.999999999Z"}
                }
            },
        ),
        ("@timestamp > 1960", {"exists": {"field": "@timestamp"}}),
        ("@timestamp < 1960", {"match_none": {}}),
        ("not log.level: error", {"bool": {"must_not": [term("log.level", "error")]}}),
        (
            "log.level: error and not tags: x",
            {"bool": {"filter": [term("log.level", "error")], "must_not": [term("tags", "x")]}},
        ),
        (
            "log.level: (error or critical)",
            {
                "bool": {
                    "should": [term("log.level", "error"), term("log.level", "critical")],
                    "minimum_should_match": 1,
                }
            },
        ),
        ("http.response: { status_code: 500 }", term("http.response.status_code", 500)),
        ("probe.r*: 2", term("probe.ratio", 2.0)),
    ],
)
def test_translates_by_the_type_of_the_field(text, query):
    """Each construct becomes the query that its field's type needs."""
    assert translated(text) == query


def test_bare_values_are_searched_wherever_they_can_be():
    """A word is looked for in texts, keywords and labels; a number and an address also in fields of their type."""
    asked = orjson.dumps(translated("500")).decode()
    assert '"http.response.status_code":{"value":500}' in asked
    assert '"message":{"query":"500"}' in asked
    assert '"labels":{"value":"500"}' in asked
    assert "client.ip" not in asked
    assert "@timestamp" not in asked
    assert '"client.ip"' in orjson.dumps(translated("10.0.0.1")).decode()
    chosen = replace(OPTIONS, default_fields=("message", "error.type"))
    assert translated("x", chosen) == {
        "bool": {
            "should": [{"match": {"message": {"query": "x"}}}, term("error.type", "x")],
            "minimum_should_match": 1,
        }
    }


def test_days_are_those_of_the_time_zone():
    """A date without a zone, and a day in date math, begin when they do for the person who asks."""
    berlin = replace(OPTIONS, zone=ZoneInfo("Europe/Berlin"))
    day = {"gte": "2026-11-20T23:00:00.000000000Z", "lte": "2026-11-21T22:59:59.999999999Z"}
    assert translated("@timestamp: 2026-11-21", berlin) == {"range": {"@timestamp": day}}
    assert translated("@timestamp: now/d", berlin) == {"range": {"@timestamp": day}}
    summer = {"gte": "2026-03-28T23:00:00.000000000Z", "lte": "2026-03-29T21:59:59.999999999Z"}
    assert translated("@timestamp: 2026-03-29", berlin) == {"range": {"@timestamp": summer}}


REFUSED = [
    ("a and log.levle: x", 7, "there is no field 'log.levle'. Did you mean log.level?"),
    ("task_nam: x", 1, "Did you mean celery.task.name?"),
    ("http.response: 500", 1, "It is an object: name a field in it, or all of them: http.response.*"),
    ("http: { response: { stats: 1 } }", 21, "there is no field 'http.response.stats'"),
    ("qqqqqqqq: 1", 1, "What the contract does not name is below labels. and numeric_labels."),
    (f"numeric_labels.{'a.' * 500}b: 1", 1, "there is no field 'numeric_labels.a.a"),
    ("numeric_labels.a..b: 1", 1, "there is no field 'numeric_labels.a..b'"),
    ("nope.*: 1", 1, "no field is called like nope.*"),
    ("http.response.status_code: abc", 28, "'abc' is no value of http.response.status_code, which is a number"),
    ("http.response.status_code: 5*", 28, "takes no wildcards but * alone"),
    ("probe.ratio: 1e999", 14, "which is a number"),
    ("sla.breached: yes", 15, "which is true or false"),
    ("sla.breached > false", 16, "a boolean, which has no order"),
    ("message > a", 11, "a text, which has no order"),
    ("client.ip: 10.0.0.0/33", 12, "which is an address or a network"),
    ("client.ip >= 10.0.0.0/8", 14, "which is an address"),
    ("@timestamp: yesterday", 13, "which is a date like 2026-11-21"),
    ("@timestamp >= now-1x", 15, "which is a date"),
    ("@timestamp >= now-99999999y", 15, "which is a date"),
    ("@timestamp: 2026-02-30", 13, "which is a date"),
    ("@timestamp: 2026*", 13, "takes no wildcards but * alone"),
    ("labels.a: *x", 11, "by their beginning only: abc*. Or search all of them: labels: *abc*"),
    ("labels.a*: x", 1, "the keys below labels cannot be searched by pattern"),
    ("numeric_labels.* > 5", 20, "a range cannot be asked of all numeric_labels.* at once"),
    ("user.hash: null", 12, "Events without the field: not user.hash: *"),
    ("sla.*: maybe", 8, "none of the 2 fields can hold this"),
]


@pytest.mark.parametrize(("text", "column", "problem"), REFUSED)
@pytest.mark.parametrize("use", [to_query, matcher])
def test_refuses_what_cannot_be_meant(text, column, problem, use):
    """Both forms refuse the same, and name the place, the field and the cure."""
    with pytest.raises(KqlError) as caught:
        use(parse(text), CONTRACT, OPTIONS)
    assert problem in caught.value.problem
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "limits", "problem"),
    [
        ("tags: (a* or b*)", Limits(max_wildcards=1), "more than 1 wildcards"),
        ("tags: (*a or *b)", Limits(max_leading_wildcards=1), "more than 1 values begin with a wildcard"),
        ("tags: (a or b)", Limits(max_clauses=1), "more than 1 conditions"),
        ("word", Limits(max_clauses=20), "more than 20 conditions"),
        ("not (a and (b or c))", Limits(max_depth=2), "nested more than 2 deep"),
    ],
)
def test_limits_what_a_query_costs(text, limits, problem):
    """Conditions, wildcards and depth are counted, and too many of them named."""
    with pytest.raises(KqlError, match=problem):
        translated(text, Options(limits=limits))
    assert translated(text)


def test_what_a_user_writes_is_only_ever_a_value():
    """No text reaches Elasticsearch as a part of a query language, its own or Lucene's."""
    hostile = 'x"}}]}, "query_string": {"query": "* OR (a~ AND [b TO c])'
    asked = translated(f'message: "{hostile.replace(chr(34), chr(92) + chr(34))}"')
    assert asked == {"match_phrase": {"message": {"query": hostile}}}
    asked = translated("message: a? OR~ b*")
    assert asked["bool"]["should"] == [
        {"match": {"message": {"query": "a?"}}},
        {"match": {"message": {"query": "OR~"}}},
        {"prefix": {"message": {"value": "b"}}},
    ]
