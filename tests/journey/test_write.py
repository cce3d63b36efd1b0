"""Stage 12: every event that is given is indexed, found there already, or a dead letter."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logging_pipeline.errors import StoreUnavailable
from logging_pipeline.indexes.ask import Refused
from logging_pipeline.indexes.bulk import BACKOFF_CAP_S, MAX_BODY_BYTES
from logging_pipeline.journey.write import Action
from tests.journey.fake_store import LETTERS, PRODUCER, STREAM, FakeStore, Impatient, event, item, write_to


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
