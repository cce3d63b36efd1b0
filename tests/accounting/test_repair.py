"""Reconcile as events, replay and forget, on real Redis and Elasticsearch: what they do, and that it adds up."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from logging_pipeline.accounting import forget as forgetting
from logging_pipeline.accounting import replay as again
from logging_pipeline.accounting.own_events import enter
from logging_pipeline.accounting.reconcile import Reconciliation, reconcile
from logging_pipeline.cli import repair
from logging_pipeline.contract import contract
from logging_pipeline.errors import ConfigurationError, PipelineError
from logging_pipeline.indexes import Store, stream_name
from logging_pipeline.journey.bind import scope
from logging_pipeline.journey.stream import list_key
from logging_pipeline.journey.write import Action, write
from logging_pipeline.producer import Producer
from logging_pipeline.settings import Settings
from tests.accounting.path import Path

pytestmark = pytest.mark.stack

FORMER_KEY = "the key that was used until the last rotation"
HASH_KEY = "the key that producers have at present"


def look(path: Path) -> Reconciliation:
    path.refresh()
    return reconcile(
        path.settings,
        contract(),
        elasticsearch=path.reader,
        redis_client=path.redis,
        sleep=lambda _: path.refresh(),
    )


def clean(found: Reconciliation, producer: Producer) -> bool:
    rows = [row for row in found.rows() if row["producer"] == producer.ephemeral_id]
    print(*rows, sep="\n")
    return all(account.clean for (name, _), account in found.accounts.items() if name == producer.ephemeral_id)


def log(producer: Producer, count: int, **fields: Any) -> None:
    for number in range(count):
        producer.emit(20, "test", f"line {number}", {"n": number, **fields})


def stored(path: Path, action: str) -> list[dict[str, Any]]:
    path.refresh()
    pattern = f"logs-{path.settings.app}.*-{path.settings.namespace}"
    answer = path.reader.search(index=pattern, query={"term": {"event.action": action}}, size=1_000)
    return [hit["_source"] for hit in answer["hits"]["hits"]]


def dead_letter(path: Path, count: int) -> Producer:
    """A producer all of whose events were refused, as when set-up had not been run."""
    producer = path.producer()
    log(producer, count)
    producer.close()
    actions = [path.action(line) for line in path.redis.lpop(list_key("system"), count)]
    nowhere = [Action(a.stream.replace("system", "nowhere"), a.id, a.body) for a in actions]
    write(nowhere, store=Store(path.writer), dead_letters=stream_name(path.settings, "dead_letter"))
    path.consume()
    path.refresh()
    return producer


# --- reconcile --write-events ---


def test_a_reconciliation_is_an_event_that_adds_up(path: Path):
    """The counts are indexed as `ledger.reconciled`, and the run that wrote them is accounted for itself."""
    producer = path.producer()
    log(producer, 5)
    producer.close()
    path.consume()
    found = look(path)
    enter(path.settings, found.entries())
    assert path.work() == 1
    path.consume()
    ledger = [event["ledger"] for event in stored(path, "ledger.reconciled")][-1]
    totals = found.totals()
    assert {name: ledger[name] for name in ("numbered", "indexed", "lost", "clean")} == {
        "numbered": totals["numbered"],
        "indexed": totals["indexed"],
        "lost": totals["lost"],
        "clean": found.clean,
    }
    second = look(path)
    writer = next(event for event in stored(path, "ledger.reconciled"))["agent"]["ephemeral_id"]
    assert second.accounts[writer, "ledger"].clean
    assert {category for name, category in second.accounts if name == writer} == {"ledger"}


def test_what_is_lost_is_an_event_of_its_own(path: Path):
    """Whose events are lost is told with the numbers, so that an alert can name them."""
    producer = path.producer()
    log(producer, 3)
    producer.flush()
    path.redis.delete(list_key("system"))
    producer.close()
    path.consume()
    enter(path.settings, look(path).entries())
    path.work()
    path.consume()
    told = [
        event for event in stored(path, "ledger.unaccounted") if event["ledger"]["producer"] == producer.ephemeral_id
    ]
    assert [(event["ledger"]["lost"], event["ledger"]["ranges"]) for event in told] == [(3, ["1-3"])]


# --- replay ---


def test_replay_counts_before_it_acts(path: Path, as_user: Callable[[str], Settings]):
    """Without --send nothing is put into the queue."""
    dead_letter(path, 3)
    as_user("logpipe_reader")
    ran = CliRunner().invoke(repair.replay, ["--reason", "forbidden", "--since", "now-1h"])
    assert ran.exit_code == 0, ran.output
    assert "replayable (forbidden)" in ran.output
    assert "nothing was sent" in ran.output
    assert path.redis.llen("logs") == 0


def test_replayed_dead_letters_are_indexed_once(path: Path):
    """Sent again they arrive under the ids they had; a second replay finds them arrived; the ledger tells of it."""
    producer = dead_letter(path, 4)
    reader = path.reader
    letters = again.find_letters(path.settings, contract(), elasticsearch=reader, reason="forbidden").replayable
    own = [letter for letter in letters if letter.event_id.startswith(producer.ephemeral_id)]
    assert len(own) == 4
    entries = again.send_letters(own, send=path.send, max_events=3)
    enter(path.settings, entries)
    path.work()
    path.consume()
    path.refresh()
    assert again.what_became(path.settings, own, elasticsearch=reader) == 4
    second = again.find_letters(path.settings, contract(), elasticsearch=reader, reason="forbidden")
    assert not [letter for letter in second.replayable if letter.event_id.startswith(producer.ephemeral_id)]
    assert second.arrived >= 4
    found = look(path)
    assert clean(found, producer)
    row = found.accounts[producer.ephemeral_id, "system"].counts()
    assert (row["numbered"], row["indexed"], row["dead_lettered"], row["duplicates"]) == (4, 4, 0, 0)
    assert 4 in [event["ledger"]["replayed"] for event in stored(path, "ledger.replayed")]


def test_what_cannot_be_replayed_is_told(path: Path):
    """A conflict of ids and a cut event stay dead letters, each with its cause."""
    producer = path.producer()
    log(producer, 1)
    producer.flush()
    line = path.redis.lrange(list_key("system"), 0, 0)[0]
    producer.close()
    path.consume()
    forged = path.action(line.replace(b"line 0", b"another"))
    write(
        [forged], store=Store(path.writer), dead_letters=stream_name(path.settings, "dead_letter"), ignore=frozenset()
    )
    path.refresh()
    found = again.find_letters(path.settings, contract(), elasticsearch=path.reader, reason="id_conflict")
    assert found.replayable == []
    assert found.counts()["indexed by now"] + found.hopeless["another event has its id"] >= 1


def test_a_time_that_is_none_is_refused(path: Path, as_user: Callable[[str], Settings]):
    """--since yesterday-ish is named, with what it could have been, instead of replaying everything."""
    as_user("logpipe_reader")
    ran = CliRunner().invoke(repair.replay, ["--since", "yesterday-ish"])
    assert ran.exit_code == 2
    assert "'yesterday-ish' is no time" in ran.output


def test_a_spool_from_another_machine_is_replayed(path: Path, tmp_path: Any, as_user: Callable[[str], Settings]):
    """Batches of ended processes go to the broker; those of a process that runs are left to it."""
    saved = tmp_path / "saved"
    elsewhere = dataclasses.replace(path.settings, state_dir=saved)
    path.refusing = True
    producer = path.producer(elsewhere)
    log(producer, 3)
    producer.flush()
    as_user("logpipe_reader")
    sent = again.replay_spool(saved / "spool", send=path.send)
    assert sent == 0
    producer.close()
    ran = CliRunner().invoke(repair.replay, ["--spool", "--from", str(saved / "spool"), "--send", "--json"])
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.output)
    assert told["batches sent"] >= 1
    assert told["batches left"] == 0
    path.work()
    path.consume()
    assert look(path).accounts[producer.ephemeral_id, "system"].counts()["indexed"] == 3


# --- forget ---


def people(path: Path, key: str) -> Producer:
    """Events of two people, one of whom is also named in a label, and of nobody."""
    producer = path.producer(dataclasses.replace(path.settings, hash_key=key))
    for user in ("17", "18"):
        log_as(producer, user)
    producer.emit(20, "test", "message sent", {"recipient_user_id": "17"})
    producer.emit(20, "test", "nobody", {})
    producer.close()
    path.consume()
    return producer


def log_as(producer: Producer, user: str) -> None:
    with scope({"user.id": user}):
        log(producer, 2)


def holding(path: Path, name: str) -> int:
    path.refresh()
    pattern = f"logs-{path.settings.app}.*-{path.settings.namespace}"
    hits = path.reader.search(index=pattern, query={"match_all": {}}, size=10_000)["hits"]["hits"]
    return sum(name.encode() in orjson.dumps(hit["_source"]) for hit in hits)


def test_a_person_is_forgotten_everywhere(path: Path, as_user: Callable[[str], Settings], monkeypatch: Any):
    """Events by present and former keys, in labels, older indices and dead letters go; others stay; all adds up."""
    former = people(path, FORMER_KEY)
    path.admin.indices.rollover(alias=stream_name(path.settings, "system"))
    present = people(path, HASH_KEY)
    with_keys = dataclasses.replace(as_user("logpipe_privacy"), hash_key=HASH_KEY, former_hash_keys=(FORMER_KEY,))
    monkeypatch.setattr("logging_pipeline.settings._adopted", with_keys)
    names, other = forgetting.hashes("17", with_keys), forgetting.hashes("18", with_keys)
    letter = orjson.dumps({"user": {"hash": names[0]}, "event": {"id": "of-another-maker"}})
    nowhere = Action("logs-shop.nowhere-default", "of-another-maker", letter)
    write([nowhere], store=Store(path.writer), dead_letters=stream_name(path.settings, "dead_letter"))
    assert [holding(path, name) for name in (*names, *other)] == [4, 3, 2, 2]

    looked = CliRunner().invoke(repair.forget, ["17", "--json"])
    assert looked.exit_code == 0, looked.output
    assert [json.loads(looked.output)[name] for name in ("found", "removed")] == [7, 0]
    assert holding(path, names[0]) == 4

    ran = CliRunner().invoke(repair.forget, ["17", "--delete", "--json"])
    assert ran.exit_code == 0, ran.output
    assert [json.loads(ran.output)[name] for name in ("found", "removed", "on their way")] == [7, 7, 0]
    assert [holding(path, name) for name in (*names, *other)] == [0, 0, 2, 2]
    path.work()
    path.consume()
    (audit,) = stored(path, "audit.forgotten")
    assert audit["message"] == "7 events of a person removed"
    (path.settings.state_dir / "reconcile.json").unlink(missing_ok=True)  # so that only the stores can tell
    found = look(path)
    assert clean(found, former)
    assert clean(found, present)
    row = found.accounts[former.ephemeral_id, "system"].counts()
    assert (row["numbered"], row["indexed"], row["dropped(forgotten)"]) == (6, 3, 3)


def test_events_on_their_way_are_told(path: Path, as_user: Callable[[str], Settings], monkeypatch: Any):
    """What is not stored yet cannot be removed: the command says so, and that it has to be run again."""
    settings = dataclasses.replace(as_user("logpipe_privacy"), hash_key=HASH_KEY)
    monkeypatch.setattr("logging_pipeline.settings._adopted", settings)
    producer = path.producer(settings)
    log_as(producer, "19")
    producer.flush()
    ran = CliRunner().invoke(repair.forget, ["19", "--json"])
    producer.close()
    assert (ran.exit_code, json.loads(ran.output)["on their way"]) == (1, 2)


def test_without_a_key_nobody_is_found(path: Path):
    """The key is missing, not the person."""
    with pytest.raises(ConfigurationError, match="LOGPIPE_HASH_KEY"):
        forgetting.hashes("17", path.settings)


def test_other_users_may_not_forget(path: Path, elasticsearch_server: Any):
    """Neither the reader nor the writer can delete an event."""
    people(path, HASH_KEY)
    path.refresh()
    names = forgetting.hashes("17", dataclasses.replace(path.settings, hash_key=HASH_KEY))
    found = forgetting.find(names, path.settings, elasticsearch=path.reader)
    assert len(found.places) >= 3
    for user in ("logpipe_reader", "logpipe_writer"):
        with elasticsearch_server.client(user) as client, pytest.raises(PipelineError):
            forgetting.remove(found, path.settings, elasticsearch=client)
    assert holding(path, names[0]) >= 3


def test_a_storm_reconciles(path: Path):
    """What a limit left out is dropped(storm), and nothing is lost."""
    producer = path.producer(dataclasses.replace(path.settings, storm_limit_per_s=1.0, storm_burst=5))
    for _ in range(50):
        producer.emit(40, "test", "thing.failed", {})
    producer.close()
    path.consume()
    found = look(path)
    assert clean(found, producer)
    row = found.accounts[producer.ephemeral_id, "system"].counts()
    assert (row["numbered"], row["indexed"], row["dropped(storm)"]) == (51, 6, 45)
