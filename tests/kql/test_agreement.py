"""The query and the predicate find the same events: random ones, on a real Elasticsearch."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logging_pipeline.indexes import setup, stream_name
from logging_pipeline.indexes.templates import KEYWORD_MAX_CHARS as INDEXED_MAX_CHARS
from logging_pipeline.kql import Options, matcher, parse, to_query, to_text
from logging_pipeline.kql.stored import KEYWORD_MAX_CHARS
from logging_pipeline.kql.words import words
from logging_pipeline.settings import Settings
from tests.kql.strategies import CONTRACT, PROBE, event, query

pytestmark = pytest.mark.stack

OPTIONS = Options(now=datetime(2026, 11, 21, 10, 30, tzinfo=UTC))
SEEDS = st.integers(0, 2**32 - 1)
OBJECTS_IN_LISTS = {
    "@timestamp": "2026-11-21T10:00:00Z",
    "http": [{"route": "GET"}, {"request": {"method": "POST"}}],
    "labels": [{"a": "x"}, {"a": ["tea"]}],
}


@pytest.fixture
def client(elasticsearch_server: Any) -> Iterator[Elasticsearch]:
    with elasticsearch_server.client() as client:
        yield client


def stored(client: Elasticsearch, namespace: str, events: dict[str, dict[str, Any]]) -> str:
    """The data stream that has *events* by id, in the mapping of the contract."""
    stack = Settings(app="shop", namespace=namespace)
    setup(client, stack, CONTRACT)
    stream = stream_name(stack, PROBE.name)
    operations = itertools.chain.from_iterable(({"create": {"_id": i}}, e) for i, e in events.items())
    answer = client.bulk(index=stream, operations=list(operations), refresh=True)
    assert not answer["errors"], [i["create"]["error"] for i in answer["items"] if "error" in i["create"]][:3]
    return stream


def found(client: Elasticsearch, stream: str, queries: list[dict[str, Any]]) -> list[set[str]]:
    """The ids that each query finds."""
    searches = itertools.chain.from_iterable(
        ({"index": stream}, {"query": q, "size": 1_000, "_source": False}) for q in queries
    )
    answers = client.msearch(searches=list(searches))["responses"]
    assert not [a["error"] for a in answers if "error" in a]
    return [{hit["_id"] for hit in a["hits"]["hits"]} for a in answers]


def test_both_forms_agree(client, namespace):
    """On 240 random events, every random query finds in Elasticsearch exactly what its predicate says."""
    rnd = random.Random(2026)
    events = {str(number): event(rnd) for number in range(240)} | {"objects": OBJECTS_IN_LISTS}
    stream = stored(client, namespace, events)
    hits = 0

    @settings(max_examples=12, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(SEEDS, min_size=40, max_size=40))
    def agree(seeds: list[int]) -> None:
        nonlocal hits
        nodes = [query(random.Random(seed), depth=2) for seed in seeds]
        answers = found(client, stream, [to_query(node, CONTRACT, OPTIONS) for node in nodes])
        for node, ids in zip(nodes, answers, strict=True):
            holds = matcher(node, CONTRACT, OPTIONS)
            mine = {i for i, e in events.items() if holds(e)}
            assert mine == ids, f"{to_text(node)}: {sorted(mine ^ ids)[:3]}"
            hits += len(ids)

    agree()
    assert hits > 1_000


def test_every_construct_finds_the_same(client, namespace):
    """What people type finds the same events in the index and in the live tail, and the ones that it should."""
    events = {
        "slow": {
            "@timestamp": "2026-11-21T10:20:00.5Z",
            "message": "GET /tea/ took 2.5 s",
            "http": {"route": "product/<slug>/", "response": {"status_code": 200}},
            "client": {"ip": "10.1.2.3"},
            "sla": {"breached": True},
        },
        "failed": {
            "@timestamp": "2026-11-21T09:00:00Z",
            "message": "Connection refused by payment provider",
            "http": {"route": "checkout/", "response": {"status_code": 502}},
            "log": {"level": "error"},
            "labels": {"provider": "acme pay", "retry": "no"},
            "numeric_labels": {"attempt": 3},
        },
        "quiet": {"@timestamp": "2026-11-20T23:59:59.999999999Z", "message": "", "tags": ["a*b", "x y"]},
    }
    cases = {
        "http.response.status_code >= 500": {"failed"},
        "http.response.status_code < 500.5": {"slow"},
        "http.*: 502": {"failed"},
        "not http.response.status_code: *": {"quiet"},
        "message: refused tea": {"slow", "failed"},
        'message: "connection REFUSED"': {"failed"},
        'message: "refused connection"': set(),
        "message: Conn* provider": {"failed"},
        "message: *": {"slow", "failed", "quiet"},
        "http.route: product/*": {"slow"},
        "http.route: *<slug>*".replace("<slug>", r"\<slug\>"): {"slow"},
        "http.route: Product/*": set(),
        r"tags: a\*b": {"quiet"},
        "tags: x y": {"quiet"},
        "tags: (a or b or x*)": {"quiet"},
        "client.ip: 10.0.0.0/8": {"slow"},
        'client.ip >= "10.1.2.4"': set(),
        "sla.breached: true": {"slow"},
        "@timestamp >= now-15m": {"slow"},
        "@timestamp < now/d": {"quiet"},
        "@timestamp: 2026-11-20": {"quiet"},
        '@timestamp > "2026-11-21T09:00:00"': {"slow"},
        "labels.provider: acme*": {"failed"},
        "labels: *pay": {"failed"},
        "labels: no": {"failed"},
        "numeric_labels.attempt > 2": {"failed"},
        "numeric_labels.*: 3": {"failed"},
        "http.response: { status_code: 502 or status_code: 200 }": {"slow", "failed"},
        "http: { 502 }": {"failed"},
        "provider": {"failed"},
        "502": {"failed"},
        "10.1.2.3": {"slow"},
        '"took 2.5"': {"slow"},
        "refus*": {"failed"},
        "not (tea or provider)": {"quiet"},
        "": {"slow", "failed", "quiet"},
        "*": {"slow", "failed", "quiet"},
    }
    stream = stored(client, namespace, events)

    nodes = [parse(text) for text in cases]
    answers = found(client, stream, [to_query(node, CONTRACT, OPTIONS) for node in nodes])

    assert dict(zip(cases, answers, strict=True)) == cases
    predicates = {text: matcher(node, CONTRACT, OPTIONS) for text, node in zip(cases, nodes, strict=True)}
    assert {text: {i for i, e in events.items() if holds(e)} for text, holds in predicates.items()} == cases


def test_the_deepest_query_is_taken(client, namespace):
    """What the limits allow at the most, Elasticsearch takes, inside a query of the caller's."""
    stream = stored(client, namespace, {"1": OBJECTS_IN_LISTS})
    text = "tags: x"
    for level in range(20):
        text = f"log.level: a {'or' if level % 2 else 'and'} ({text})"
    deepest = to_query(parse(text), CONTRACT)
    wrapped = {"bool": {"filter": [{"bool": {"filter": [deepest]}}]}}

    assert found(client, stream, [wrapped]) == [set()]


def test_words_are_those_of_the_standard_analyzer(client):
    """Random texts of many scripts are cut into the same words."""
    alphabet = "aB3_.,:;'\"- /@#9zéßİΣשאカひ日กข한ア0٣😀·‧“\u00ad\u0301"
    rnd = random.Random(7)
    texts = ["".join(rnd.choices(alphabet, k=rnd.randint(1, 12))) for _ in range(400)]
    texts += ["x" * 300, "é" * 300, "😀" * 200, "http://a.b/c?d=1 user@x.com can't 1,000.5 a:b"]
    differing = []
    for text in texts:
        tokens = client.indices.analyze(analyzer="standard", text=text)["tokens"]
        if tuple(token["token"] for token in tokens) != words(text):
            differing.append(text)
    assert differing == []


def test_the_tail_knows_how_long_a_keyword_may_be():
    """Both sides have the same idea of a value that is too long to be found."""
    assert KEYWORD_MAX_CHARS == INDEXED_MAX_CHARS
