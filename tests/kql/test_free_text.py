"""Values without a field, as people type them into a search box."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest

from logging_pipeline.errors import KqlError
from logging_pipeline.indexes import setup, stream_name
from logging_pipeline.kql import Limits, Options, matcher, parse, to_query, to_text
from logging_pipeline.settings import Settings
from tests.kql.strategies import CONTRACT, PROBE

OPTIONS = Options(now=datetime(2026, 11, 21, 10, 30, tzinfo=UTC), words=True)
EVENTS: dict[str, dict[str, Any]] = {
    "text": {"message": "The card was declined", "log": {"level": "error"}},
    "error": {"message": "oops", "error": {"message": "expired", "stack_trace": "at line-88", "type": "CardDeclined"}},
    "trace": {"message": "t", "trace": {"id": "4bf92f3577b34da6a3ce929d0e0e4736"}},
    "label": {"message": "on the shelf", "labels": {"row": "7b"}},
    "action": {"message": "p", "event": {"action": "parcel.sent"}},
    "path": {"message": "u", "url": {"path": "/checkout/step/"}, "log": {"level": "error"}},
    "status": {"message": "s", "http": {"response": {"status_code": 418}}},
    "marks": {"message": "m", "tags": ["ORD-7:1/2"]},
}
CASES = {
    "declined": {"text"},
    "DECLINED card": {"text"},
    "card missing": set(),
    '"card was declined"': {"text"},
    '"declined card"': set(),
    'declined "the card"': {"text"},
    '"the card" declined': {"text"},
    '"the card" "was declined"': {"text"},
    "expired": {"error"},
    "line-88": {"error"},
    "4bf92f3577b34da6a3ce929d0e0e4736": {"trace"},
    "4bf92f35": set(),
    "shelf 7b": {"label"},
    "parcel.": {"action"},
    "/checkout/st": {"path"},
    "418": {"status"},
    '"ORD-7:1/2"': {"marks"},
    "ORD-7": set(),
    "*": set(EVENTS),
    "decl*": {"text"},
    "Card*": {"text", "error"},
    "parcel*t": {"action"},
    "shelf 7*": set(),
    "shelf *": {"label"},
    "declined or expired": {"text", "error"},
    "not declined and log.level: error": {"path"},
    'log.level: error "the card"': {"text"},
    "log.level: error and (declined or 418)": {"text"},
    '(declined) ("card")': {"text"},
    "http: { 418 }": {"status"},
    "http: { declined }": set(),
    "": set(EVENTS),
}


@pytest.mark.stack
def test_every_word_must_be_found(elasticsearch_server: Any, namespace: str):
    """Words, phrases and beginnings find what they should, in the index and in the live tail alike."""
    stack = Settings(app="shop", namespace=namespace)
    with elasticsearch_server.client() as client:
        setup(client, stack, CONTRACT)
        time = {"@timestamp": "2026-11-21T10:00:00Z"}
        operations = chain.from_iterable(({"create": {"_id": i}}, {**time, **e}) for i, e in EVENTS.items())
        stream = stream_name(stack, PROBE.name)
        assert not client.bulk(index=stream, operations=list(operations), refresh=True)["errors"]
        nodes = {text: parse(text, words=True) for text in CASES}
        searches = chain.from_iterable(
            ({"index": stream}, {"query": to_query(node, CONTRACT, OPTIONS), "_source": False})
            for node in nodes.values()
        )
        answers = client.msearch(searches=list(searches))["responses"]
    for (text, node), answer in zip(nodes.items(), answers, strict=True):
        assert {hit["_id"] for hit in answer["hits"]["hits"]} == CASES[text], text
        holds = matcher(node, CONTRACT, OPTIONS)
        assert {i for i, e in EVENTS.items() if holds({**time, **e})} == CASES[text], text


def test_and_may_be_left_out_beside_a_quotation_mark():
    """Side by side means both; without *words* it is refused, as in Kibana."""
    assert parse('a "b c" d or "e" (f)', words=True) == parse('(a and "b c" and d) or ("e" and f)')
    with pytest.raises(KqlError):
        parse('a "b c"')


@pytest.mark.parametrize(
    ("text", "offset", "problem"),
    [
        ("could not connect", 6, "Put a value that holds the word in quotes"),
        ("*lined", 0, "a word cannot begin with *"),
        ("declined log.level: error", 0, "Write `and` before log.level"),
        ('"a" : b : c', 8, "a second colon"),
        ('"a" )', 4, ") was never opened"),
        ("log.levle: error", 0, "Did you mean log.level"),
    ],
)
def test_what_cannot_be_read_has_its_place(text: str, offset: int, problem: str):
    """The error says where and what to write."""
    with pytest.raises(KqlError) as caught:
        to_query(parse(text, words=True), CONTRACT, OPTIONS)
    assert problem in str(caught.value)
    assert caught.value.offset == offset


def test_words_count_as_conditions():
    """A long text cannot ask for more than the limits allow."""
    to_query(parse("word " * 3), CONTRACT, OPTIONS)
    with pytest.raises(KqlError, match="more than 50 conditions"):
        to_query(parse("word " * 3), CONTRACT, Options(words=True, limits=Limits(max_clauses=50)))


def test_one_spelling_means_the_same():
    """The query written in one spelling has the words that were typed."""
    node = parse('declined "card expired" log.level: error', words=True)
    assert to_text(node) == 'declined and "card expired" and log.level: error'
