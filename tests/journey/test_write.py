"""Stage 12: every event that is given is indexed, found there already, or a dead letter."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import orjson
import pytest
from elasticsearch import Elasticsearch
from hypothesis import given
from hypothesis import strategies as st

from logging_pipeline.contract import contract
from logging_pipeline.errors import StoreUnavailable
from logging_pipeline.indexes import Store, setup
from logging_pipeline.indexes.ask import Refused
from logging_pipeline.indexes.bulk import BACKOFF_CAP_S, MAX_BODY_BYTES
from logging_pipeline.journey.write import Action, Written, write
from logging_pipeline.settings import Settings

STREAM = "logs-shop.http-default"
LETTERS = "logs-shop.dead_letter-default"
PRODUCER = "0123456789abcdef0123456789abcdef"


def event(sequence: int, *, category: str = "http", **fields: Any) -> Action:
    event_id = f"{PRODUCER}-{category}-{sequence}"
    body = {"@timestamp": "2026-01-01T00:00:00.123456Z", "event": {"id": event_id, "sequence": sequence}, **fields}
    return Action(STREAM, event_id, orjson.dumps(body))


class Impatient(threading.Event):
    """A stop signal that is never given; it notes how long it would have been waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return self.is_set()


Answer = Callable[[list[tuple[str, str, bytes]]], list[dict[str, Any]]]


class FakeStore:
    """Elasticsearch as far as this stage sees it: documents by stream and id, and planted troubles."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], bytes] = {}
        self.older: dict[tuple[str, str], bytes] = {}
        self.troubles: list[Exception] = []  # raised by the next requests, one each
        self.item_troubles: dict[str, list[dict[str, Any]]] = {}  # by id: the answers before the honest one
        self.max_bytes = 100_000_000
        self.readable = True
        self.requests: list[list[str]] = []

    def bulk(self, body: bytes) -> list[dict[str, Any]]:
        lines = body.split(b"\n")
        assert lines.pop() == b""
        heads = [orjson.loads(line)["create"] for line in lines[::2]]
        self.requests.append([head["_id"] for head in heads])
        if self.troubles:
            raise self.troubles.pop(0)
        if len(body) > self.max_bytes:
            raise Refused("too large", status=413, kind="content_too_long")
        if any(len(head["_id"]) > 512 for head in heads):
            raise Refused("id too long", status=400, kind="action_request_validation_exception")
        return [self._item(head["_index"], head["_id"], line) for head, line in zip(heads, lines[1::2], strict=True)]

    def _item(self, stream: str, event_id: str, body: bytes) -> dict[str, Any]:
        if self.item_troubles.get(event_id):
            return self.item_troubles[event_id].pop(0)
        if (stream, event_id) in self.documents:
            return {"status": 409, "error": {"type": "version_conflict_engine_exception", "index": f".ds-{stream}-2"}}
        self.documents[stream, event_id] = body
        return {"status": 201}

    def get(self, places: Sequence[tuple[str, str]]) -> list[dict[str, Any] | None]:
        if not self.readable:
            raise Refused("not yours", status=403, kind="security_exception")
        found = []
        for index, event_id in places:
            documents = self.older if index.endswith("-1") else self.documents
            body = documents.get((index[4:-2], event_id))
            found.append(None if body is None else orjson.loads(body))
        return found

    def older_indices(self, stream: str) -> list[str]:
        return [f".ds-{stream}-1"]

    def stored(self, action: Action) -> bool:
        return self.documents.get((action.stream, action.id)) == action.body

    @property
    def letters(self) -> list[dict[str, Any]]:
        return [orjson.loads(body) for (stream, _), body in self.documents.items() if stream == LETTERS]


def item(status: int, kind: str = "planted") -> dict[str, Any]:
    return {"status": status, "error": {"type": kind, "reason": f"planted {status}"}}


def write_to(store: FakeStore, actions: Sequence[Action], **options: Any) -> Written:
    return write(actions, store=store, dead_letters=LETTERS, stop=options.pop("stop", Impatient()), **options)


def test_counts_what_is_indexed_by_stream():
    """What was stored is counted for the data stream it went to."""
    store = FakeStore()
    other = Action("logs-shop.auth-default", "a-auth-1", b"{}")

    written = write_to(store, [event(1), event(2), other])

    assert written.counts == {(STREAM, "indexed"): 2, ("logs-shop.auth-default", "indexed"): 1}
    assert written.indexed == 3
    assert store.stored(event(1))
    assert store.stored(other)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_only_what_was_refused_for_now_is_sent_again(status: int):
    """429 and 5xx concern single events; their neighbours are not sent twice."""
    store = FakeStore()
    store.item_troubles = {event(2).id: [item(status), item(status)]}

    written = write_to(store, [event(1), event(2), event(3)])

    assert written.indexed == 3
    assert written.waits == 2
    assert store.requests == [[event(1).id, event(2).id, event(3).id], [event(2).id], [event(2).id]]


def test_a_blocked_index_is_waited_for():
    """An index that is read-only, for a full disk or by an administrator, costs time and no events."""
    store = FakeStore()
    store.item_troubles = {event(1).id: [item(403, "cluster_block_exception")] * 5}

    assert write_to(store, [event(1)]).indexed == 1
    assert store.letters == []


def test_waits_longer_each_time_up_to_a_cap_and_never_in_step():
    """The pauses double up to ten seconds, each shortened at random by up to a half."""
    store = FakeStore()
    store.troubles = [StoreUnavailable("no answer")] * 12
    stop = Impatient()

    write_to(store, [event(1)], stop=stop)

    full = [min(BACKOFF_CAP_S, 0.1 * 2**n) for n in range(12)]
    assert all(whole / 2 <= waited <= whole for waited, whole in zip(stop.waits, full, strict=True))
    assert len({waited / whole for waited, whole in zip(stop.waits, full, strict=True)}) == 12


@pytest.mark.parametrize(
    "trouble",
    [
        StoreUnavailable("no answer"),
        Refused("busy", status=429, kind="es_rejected_execution_exception"),
        Refused("bad gateway", status=502, kind=""),
    ],
)
def test_gives_up_at_the_deadline(trouble: Exception):
    """Where the caller has a deadline it hears that nothing may be acknowledged, and that a later try may succeed."""
    store = FakeStore()
    store.troubles = [trouble] * 1_000

    with pytest.raises(StoreUnavailable, match=f"gave up, .*{trouble}") as raised:
        write_to(store, [event(1)], stop=threading.Event(), deadline_s=0.2)

    assert raised.value.retryable
    assert len(store.requests) >= 2


def test_stops_when_told():
    """A consumer that is told to stop does not wait for a store that is away."""
    store = FakeStore()
    store.troubles = [StoreUnavailable("no answer")]
    stop = threading.Event()
    stop.set()

    with pytest.raises(StoreUnavailable, match="told to stop"):
        write_to(store, [event(1)], stop=stop)


def test_a_refusal_that_stays_is_raised_at_once():
    """A request that no waiting and no other event would make succeed is the caller's to report."""
    store = FakeStore()
    store.troubles = [Refused("not allowed", status=403, kind="security_exception")]

    with pytest.raises(Refused, match="not allowed"):
        write_to(store, [event(1)])
    assert len(store.requests) == 1


def test_a_refused_event_becomes_a_dead_letter_with_all_that_accounting_needs():
    """The letter carries the original, the reason, and the producer and number of the event."""
    store = FakeStore()
    store.item_troubles = {event(7).id: [item(400, "document_parsing_exception")]}

    written = write_to(store, [event(6), event(7)])

    assert (written.indexed, written.dead_lettered) == (1, 1)
    (found,) = store.letters
    assert found.pop("@timestamp")
    assert found == {
        "message": f"Event {event(7).id} was refused by {STREAM}: refused",
        "data_stream": {"type": "logs", "dataset": "shop.dead_letter", "namespace": "default"},
        "agent": {"ephemeral_id": PRODUCER},
        "event": {"id": event(7).id, "sequence": 7, "dataset": "shop.http", "original": event(7).body.decode()},
        "dead_letter": {"index": STREAM, "reason": "refused", "status": 400, "category": "http"},
        "error": {"type": "document_parsing_exception", "message": "planted 400"},
    }


@pytest.mark.parametrize(("status", "reason"), [(403, "forbidden"), (404, "no_stream"), (400, "refused")])
def test_names_the_reason(status: int, reason: str):
    """A missing stream, a missing right and a wrong value are told apart."""
    store = FakeStore()
    store.item_troubles = {event(1).id: [item(status)]}

    write_to(store, [event(1)])

    assert [letter["dead_letter"]["reason"] for letter in store.letters] == [reason]


def test_a_dead_letter_that_cannot_be_written_fails_the_call():
    """An event is never let go because its dead letter was refused too."""
    store = FakeStore()
    store.item_troubles = {event(1).id: [item(400)]}
    honest = store._item

    def refuse_letters(stream: str, event_id: str, body: bytes) -> dict[str, Any]:
        return item(404, "index_not_found_exception") if stream == LETTERS else honest(stream, event_id, body)

    store._item = refuse_letters  # type: ignore[method-assign]

    with pytest.raises(StoreUnavailable, match="logpipe setup") as raised:
        write_to(store, [event(1)])
    assert not raised.value.retryable


def test_the_same_event_again_is_a_duplicate():
    """A replay changes nothing, also when the pipelines have enriched the copy later or differently."""
    store = FakeStore()
    first = event(1, http={"response": {"status_code": 200}})
    again = event(1, http={"response": {"status_code": 200, "status_class": "2xx"}}, tags=["late"])
    write_to(store, [first])

    written = write_to(store, [again])

    assert written.counts == {(STREAM, "duplicate"): 1}
    assert store.letters == []


def test_another_event_under_a_taken_id_is_a_conflict():
    """Other content under the same id is not mistaken for a replay: it becomes a dead letter, the first one stays."""
    store = FakeStore()
    write_to(store, [event(1, message="true")])

    written = write_to(store, [event(1, message="forged")])

    assert written.counts == {(STREAM, "conflict"): 1}
    assert store.stored(event(1, message="true"))
    (found,) = store.letters
    assert found["dead_letter"]["reason"] == "id_conflict"
    assert orjson.loads(found["event"]["original"])["message"] == "forged"


def test_a_replayed_refusal_makes_one_dead_letter():
    """What is refused again on redelivery is not buried twice."""
    store = FakeStore()
    for ingested in ("2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z"):
        store.item_troubles = {event(1).id: [item(400)]}
        action = event(1)
        body = orjson.loads(action.body)
        body["event"]["ingested"] = ingested
        assert write_to(store, [action._replace(body=orjson.dumps(body))]).dead_lettered == 1

    assert len(store.letters) == 1


def test_a_taken_id_that_may_not_be_read_is_told_apart():
    """Where the user may not read, a taken id is counted as a duplicate that nobody has verified."""
    store = FakeStore()
    write_to(store, [event(1)])
    store.readable = False

    assert write_to(store, [event(1)]).counts == {(STREAM, "unverified"): 1}


def test_a_redelivered_event_is_looked_for_before_the_rollover():
    """An id is unique in one backing index only: what an older one holds is not stored a second time."""
    store = FakeStore()
    store.older = {(STREAM, event(1).id): event(1).body, (STREAM, event(2).id): event(2, message="x").body}

    written = write_to(store, [event(1), event(2), event(3)], redelivered=True)

    assert written.counts == {(STREAM, "duplicate"): 1, (STREAM, "conflict"): 1, (STREAM, "indexed"): 1}
    assert not store.stored(event(1))


def test_requests_stay_below_their_size():
    """A large batch goes in requests of five megabytes, a larger event alone."""
    store = FakeStore()
    store.max_bytes = MAX_BODY_BYTES
    actions = [event(n, message="x" * 60_000) for n in range(200)]

    assert write_to(store, actions).indexed == 200
    assert len(store.requests) == 3


def test_a_request_that_is_too_large_is_halved():
    """A server or proxy with a smaller limit still gets every event."""
    store = FakeStore()
    store.max_bytes = 1_000

    assert write_to(store, [event(n) for n in range(50)]).indexed == 50
    assert [len(request) for request in store.requests][:2] == [50, 25]


def test_an_event_too_large_for_any_request_keeps_its_beginning():
    """Its dead letter is cut until it fits, and says so."""
    store = FakeStore()
    store.max_bytes = 10_000

    written = write_to(store, [event(1, message="x" * 30_000), event(2)])

    assert (written.indexed, written.dead_lettered) == (1, 1)
    (found,) = store.letters
    assert found["dead_letter"]["reason"] == "too_large"
    assert found["dead_letter"]["cut"] is True
    assert event(1, message="x" * 30_000).body.decode().startswith(found["event"]["original"])
    assert len(found["event"]["original"]) > 1_000


def test_a_line_break_inside_an_event_does_not_end_it():
    """JSON that was printed over several lines is one event all the same."""
    store = FakeStore()
    pretty = event(1)._replace(body=b'{\n  "a": 1\n}')

    assert write_to(store, [pretty, event(2)]).indexed == 2
    assert orjson.loads(store.documents[STREAM, pretty.id]) == {"a": 1}


FATES = ("fine", "refused", "malformed", "busy", "again", "forged", "no answer")


@given(st.lists(st.sampled_from(FATES), max_size=40), st.integers(4_000, 20_000))
def test_every_event_is_in_exactly_one_count(fates: list[str], max_bytes: int):
    """Whatever happens to its neighbours, an event is stored, was there, or lies whole among the dead letters."""
    store = FakeStore()
    store.max_bytes = max_bytes
    actions: list[Action] = []
    expected: Counter[str] = Counter()
    for number, fate in enumerate(fates, 1):
        action = event(number, message=fate)
        match fate:
            case "refused":
                store.item_troubles[action.id] = [item(400)]
            case "malformed":
                action = action._replace(id=action.id * 20)
            case "busy":
                store.item_troubles[action.id] = [item(429), item(503)]
            case "again":
                store.documents[STREAM, action.id] = action.body
            case "forged":
                store.documents[STREAM, action.id] = event(number, message="the true one").body
            case "no answer":
                store.troubles.append(StoreUnavailable("no answer"))
        actions.append(action)
        outcome = {"refused": "refused", "malformed": "refused", "again": "duplicate", "forged": "conflict"}
        expected[outcome.get(fate, "indexed")] += 1

    written = write_to(store, actions)

    assert {outcome: count for (_, outcome), count in written.counts.items()} == dict(expected)
    assert written.total() == len(actions)
    buried = {letter["event"]["original"] for letter in store.letters}
    for action, fate in zip(actions, fates, strict=True):
        assert (action.body.decode() in buried) == (fate in ("refused", "malformed", "forged"))
        assert store.stored(action) == (fate in ("fine", "busy", "again", "no answer"))


# On a real Elasticsearch.


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


@pytest.mark.stack
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


@pytest.mark.stack
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


@pytest.mark.stack
def test_nothing_is_written_before_set_up(elasticsearch_server: Any):
    """Without set-up no index comes into being by writing: the call fails and says what to do."""
    store = Store(elasticsearch_server.client("logpipe_writer"))
    actions = [event(1)._replace(stream="logs-shop.http-neverset")]

    with pytest.raises(StoreUnavailable, match="logpipe setup"):
        write(actions, store=store, dead_letters="logs-shop.dead_letter-neverset", deadline_s=60)

    found = elasticsearch_server.client("logpipe_setup").indices.resolve_index(name="logs-shop.*-neverset")
    assert (found["indices"], found["data_streams"]) == ([], [])


@pytest.mark.stack
def test_a_server_that_is_away(elasticsearch_server: Any, unused_tcp_port: int):
    """No answer is waited out and then reported as such, with the address."""
    store = Store(Elasticsearch(f"http://127.0.0.1:{unused_tcp_port}", max_retries=0))

    with pytest.raises(StoreUnavailable, match=rf"127.0.0.1:{unused_tcp_port}.*no answer") as raised:
        write([event(1)], store=store, dead_letters=LETTERS, deadline_s=0.3)
    assert raised.value.retryable


def test_an_answer_lost_before_a_rollover_doubles_nothing():
    """What was written without an answer is looked for in the older index before it is sent again."""

    class Mute(FakeStore):
        def bulk(self, body: bytes) -> list[dict[str, Any]]:
            items = super().bulk(body)
            if len(self.requests) == 1:
                self.older, self.documents = self.documents, {}
                self.older.pop((STREAM, event(2).id))  # the connection was cut in the middle
                raise StoreUnavailable("no answer")
            return items

    store = Mute()
    written = write_to(store, [event(1), event(2)])

    assert written.counts == {(STREAM, "duplicate"): 1, (STREAM, "indexed"): 1}
    assert [key for key, _ in store.documents.items()] == [(STREAM, event(2).id)]
