"""Stage 12 on a real Elasticsearch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import pytest
from elasticsearch import Elasticsearch

from logging_pipeline.contract import contract
from logging_pipeline.errors import StoreUnavailable
from logging_pipeline.indexes import Store, setup
from logging_pipeline.journey.write import Action, write
from logging_pipeline.settings import Settings
from tests.journey.fake_store import LETTERS, STREAM, event

pytestmark = pytest.mark.stack


@pytest.fixture
def settings(elasticsearch_server: Any) -> Settings:
    """Data streams of this test alone, set up."""
    own = Settings(app="shop", namespace=f"t{uuid4().hex[:12]}")
    setup(elasticsearch_server.client("logpipe_setup"), own, contract())
    return own


@pytest.fixture
def streams(settings: Settings) -> Callable[[str], str]:
    return lambda category: f"logs-shop.{category}-{settings.namespace}"


def stored(server: Any, stream: str) -> list[dict[str, Any]]:
    server.client("logpipe_setup").indices.refresh(index=stream)
    hits = server.client("logpipe_reader").search(index=stream, size=100)["hits"]["hits"]
    return [hit["_source"] for hit in hits]


@pytest.mark.parametrize("redelivered", [False, True])
def test_poison_among_good_events_on_a_real_server(
    elasticsearch_server: Any, streams: Callable[[str], str], redelivered: bool
):
    """Whatever Elasticsearch refuses an event for, its neighbours are stored and it lies among the dead letters."""
    good = [event(n)._replace(stream=streams("http")) for n in range(1, 6)]
    poison = {
        "type conflict": event(10, process={"pid": "no number"}),
        "object where a value belongs": event(11, message={"a": {"b": 1}}),
        "no JSON": event(12)._replace(body=b'{"@timestamp": "2026-01-01T00:00:00Z", '),
        "no object": event(13)._replace(body=b"[1,2]"),
        "no time": event(14)._replace(body=b'{"message":"x"}'),
        "empty": event(15)._replace(body=b""),
        "bad UTF-8": event(16)._replace(body=b'{"@timestamp":"2026-01-01T00:00:00Z","message":"\xff\xfe"}'),
        "long id": event(17)._replace(id="z" * 600),
        "empty id": event(18)._replace(id=""),
        "year 3000": event(19)._replace(body=b'{"@timestamp":"3000-01-01T00:00:00Z"}'),
        "no such stream": event(20)._replace(stream="logs-shop.nosuch-default"),
        "no legal name": event(21)._replace(stream="NOT/LEGAL ?x#*"),
        "not ours": event(22)._replace(stream="logs-other.http-default"),
    }
    here = streams("http")
    actions = [a._replace(stream=here) if a.stream == STREAM else a for a in poison.values()]
    mixed = [*good[:2], *actions, *good[2:]]
    store = Store(elasticsearch_server.client("logpipe_writer"))

    written = write(mixed, store=store, dead_letters=streams("dead_letter"), deadline_s=60, redelivered=redelivered)

    assert written.indexed == len(good)
    assert written.dead_lettered == len(poison)
    originals = sorted(letter["event"]["original"] for letter in stored(elasticsearch_server, streams("dead_letter")))
    assert originals == sorted(action.body.decode("utf-8", "backslashreplace") for action in actions)
    assert {e["event"]["id"] for e in stored(elasticsearch_server, streams("http"))} == {a.id for a in good}


def test_replay_and_forgery_on_a_real_server(elasticsearch_server: Any, streams: Callable[[str], str]):
    """A replay is a duplicate, without waiting for a refresh; a forged id is a conflict; also across a rollover."""
    store = Store(elasticsearch_server.client("logpipe_writer"))
    actions = [event(n, message="true")._replace(stream=streams("http")) for n in range(1, 4)]
    forged = event(1, message="forged")._replace(stream=streams("http"))

    def again(actions: Sequence[Action], **options: Any) -> dict[str, int]:
        written = write(actions, store=store, dead_letters=streams("dead_letter"), deadline_s=60, **options)
        return {outcome: count for (_, outcome), count in written.counts.items()}

    assert again(actions) == {"indexed": 3}
    assert again([*actions, forged]) == {"duplicate": 3, "conflict": 1}
    elasticsearch_server.client("logpipe_setup").indices.rollover(alias=streams("http"))
    new = event(4)._replace(stream=streams("http"))
    assert again([*actions, forged, new], redelivered=True) == {"duplicate": 3, "conflict": 1, "indexed": 1}
    assert len(stored(elasticsearch_server, streams("http"))) == 4
    assert len(stored(elasticsearch_server, streams("dead_letter"))) == 1


def test_nothing_is_written_before_set_up(elasticsearch_server: Any):
    """Without set-up no index comes into being by writing: the call fails and says what to do."""
    store = Store(elasticsearch_server.client("logpipe_writer"))
    actions = [event(1)._replace(stream="logs-shop.http-neverset")]

    with pytest.raises(StoreUnavailable, match="logpipe setup"):
        write(actions, store=store, dead_letters="logs-shop.dead_letter-neverset", deadline_s=60)

    found = elasticsearch_server.client("logpipe_setup").indices.resolve_index(name="logs-shop.*-neverset")
    assert (found["indices"], found["data_streams"]) == ([], [])


def test_a_server_that_is_away(elasticsearch_server: Any, unused_tcp_port: int):
    """No answer is waited out and then reported as such, with the address."""
    store = Store(Elasticsearch(f"http://127.0.0.1:{unused_tcp_port}", max_retries=0))

    with pytest.raises(StoreUnavailable, match=rf"127.0.0.1:{unused_tcp_port}.*no answer") as raised:
        write([event(1)], store=store, dead_letters=LETTERS, deadline_s=0.3)
    assert raised.value.retryable
