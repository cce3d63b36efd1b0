"""Reconcile, on real Redis and Elasticsearch: every number is found where it is, or called lost."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from typing import Any

import pytest

from logging_pipeline.accounting.reconcile import Reconciliation, reconcile
from logging_pipeline.contract import contract
from logging_pipeline.indexes import Store, stream_name
from logging_pipeline.journey.stream import list_key
from logging_pipeline.journey.write import Action, write
from tests.accounting.path import Path

pytestmark = pytest.mark.stack


def look(path: Path) -> Reconciliation:
    path.refresh()
    found = reconcile(
        path.settings,
        contract(),
        elasticsearch=path.reader,
        redis_client=path.redis,
        sleep=lambda _: path.refresh(),
    )
    print_accounting(found)
    return found


def print_accounting(found: Reconciliation) -> None:
    for row in found.rows():
        print({name: value for name, value in row.items() if value})


def clean(found: Reconciliation, producer: str) -> bool:
    """Whether all is well with the events of *producer*, whatever other tests left in the same streams."""
    return all(account.clean for (name, _), account in found.accounts.items() if name == producer)


def account_of(found: Reconciliation, producer: str, category: str = "system") -> dict[str, Any]:
    return found.accounts[producer, category].counts()


def log(producer: Any, count: int) -> None:
    for number in range(count):
        producer.emit(20, "test", f"line {number}", {"n": number})


def test_a_clean_end_is_clean(path: Path):
    """Every event of a producer that ended well is counted as indexed, and nothing is lost, doubled or unknown."""
    producer = path.producer()
    log(producer, 1_200)
    producer.close()
    path.consume()
    found = look(path)
    assert clean(found, producer.ephemeral_id)
    row = account_of(found, producer.ephemeral_id)
    assert (row["numbered"], row["indexed"]) == (1_200, 1_200)


def test_events_on_their_way_are_in_flight(path: Path):
    """What waits in Redis, in a consumer's hands, or on disk is neither indexed nor lost."""
    producer = path.producer()
    log(producer, 10)
    producer.flush()
    path.refusing = True
    log(producer, 5)
    producer.flush()
    found = look(path)
    row = account_of(found, producer.ephemeral_id)
    assert (row["numbered"], row["in_flight"], row["lost"]) == (15, 15, 0)
    producer.close()
    path.refusing = False
    other = path.producer()  # of the same machine: it hands over what the first one left on disk
    other.flush()
    other.close()
    path.consume()
    found = look(path)
    assert clean(found, producer.ephemeral_id)
    assert account_of(found, producer.ephemeral_id)["indexed"] == 15


def test_a_batch_that_vanished_is_lost_by_number(path: Path):
    """A hole in the numbers is a loss, named number by number, whoever made it."""
    producer = path.producer()
    log(producer, 3)
    producer.flush()
    assert path.redis.delete(list_key("system")) == 1  # somebody takes three events and dies with them
    log(producer, 2)
    producer.close()
    path.consume()
    found = look(path)
    row = account_of(found, producer.ephemeral_id)
    assert not found.clean
    assert not clean(found, producer.ephemeral_id)
    assert (row["numbered"], row["indexed"], row["lost"], row["lost_numbers"]) == (5, 2, 3, ["1-3"])


def test_a_loss_and_a_duplicate_do_not_cancel(path: Path):
    """One event lost and another indexed in two backing indices are reported as one of each."""
    producer = path.producer()
    log(producer, 4)
    producer.flush()
    lines = path.redis.lpop(list_key("system"), 4)
    kept = [path.action(line) for line in lines[1:]]
    store, dead = Store(path.writer), stream_name(path.settings, "dead_letter")
    write(kept, store=store, dead_letters=dead)
    path.admin.indices.rollover(alias=stream_name(path.settings, "system"))
    write([kept[0]], store=store, dead_letters=dead)  # a replay that does not look at older indices first
    producer.close()
    path.consume()
    row = account_of(look(path), producer.ephemeral_id)
    assert (row["lost"], row["lost_numbers"], row["duplicates"]) == (1, ["1"], 1)


def test_what_elasticsearch_refuses_is_dead_lettered(path: Path):
    """An event of a wrong type is counted as a dead letter, not as lost."""
    producer = path.producer()
    log(producer, 2)
    producer.flush()
    first, second = (path.action(line) for line in path.redis.lpop(list_key("system"), 2))
    broken = Action(first.stream, first.id, first.body.replace(b'"sequence":1', b'"sequence":1,"duration":"soon"'))
    write([broken, second], store=Store(path.writer), dead_letters=stream_name(path.settings, "dead_letter"))
    producer.close()
    path.consume()
    row = account_of(look(path), producer.ephemeral_id)
    assert (row["indexed"], row["dead_lettered"], row["lost"]) == (1, 1, 0)


def test_a_forged_id_is_an_alarm_and_no_duplicate(path: Path):
    """Another event under a number that is taken is a dead letter; the first one stands, and reconcile is not clean."""
    producer = path.producer()
    log(producer, 2)
    producer.flush()
    line = path.redis.lindex(list_key("system"), 0)
    path.redis.rpush(list_key("system"), line.replace(b"line 0", b"line X"))
    producer.close()
    path.consume()
    found = look(path)
    row = account_of(found, producer.ephemeral_id)
    assert (row["numbered"], row["indexed"], row["duplicates"], row["forged"]) == (2, 2, 0, 1)
    assert not clean(found, producer.ephemeral_id)
    told = [fields for name, fields in found.entries() if fields.get("ledger.producer") == producer.ephemeral_id]
    assert [fields["ledger.forged"] for fields in told] == [1]


def test_a_full_buffer_drops_into_the_ledger(path: Path):
    """What a full buffer evicted is dropped(buffer_full), with its numbers, and the rest is indexed."""
    small = dataclasses.replace(path.settings, buffer_max_events=10, flush_interval_s=60)
    producer = path.producer(small)
    with producer._turn:  # the flusher is busy meanwhile
        log(producer, 25)
    producer.close()
    path.consume()
    found = look(path)
    row = account_of(found, producer.ephemeral_id)
    assert clean(found, producer.ephemeral_id)
    assert (row["numbered"], row["indexed"], row["dropped(buffer_full)"]) == (25, 10, 15)


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from logging_pipeline.settings import Settings
    from logging_pipeline.producer import Producer
    settings = Settings(app="shop", state_dir=Path(sys.argv[1]), flush_interval_s=60)
    producer = Producer(settings, make_send=lambda: None)
    for number in range(7):
        producer.emit(20, "test", "line", {})
    print(producer.ephemeral_id, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_tail_of_a_killed_process_is_lost_exactly(path: Path):
    """What `kill -9` took with it from memory is known to the number, by the high-water file that it left."""
    run = subprocess.run(  # our own script
        [sys.executable, "-c", textwrap.dedent(KILLED), str(path.settings.state_dir)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ},
    )
    assert run.returncode == -signal.SIGKILL, run.stderr
    row = account_of(look(path), run.stdout.strip())
    assert (row["numbered"], row["indexed"], row["lost"], row["unknown"]) == (7, 0, 7, False)


def test_a_producer_whose_machine_is_gone_is_unknown(path: Path):
    """Where neither the ledger nor a high-water file tells the last number, reconcile says unknown, never zero."""
    producer = path.producer()
    log(producer, 3)
    producer.flush()
    path.consume()
    producer._high_water.close(remove=True)
    found = look(path)
    row = account_of(found, producer.ephemeral_id)
    assert not found.clean
    assert not clean(found, producer.ephemeral_id)
    assert (row["indexed"], row["lost"], row["unknown"]) == (3, 0, True)


def test_what_was_found_once_outlives_retention(path: Path):
    """Events that retention has deleted stay accounted for."""
    producer = path.producer()
    log(producer, 3)
    producer.close()
    path.consume()
    assert clean(look(path), producer.ephemeral_id)
    path.admin.indices.rollover(alias=stream_name(path.settings, "system"))
    oldest = min(path.admin.indices.get(index=f".ds-{stream_name(path.settings, 'system')}-*"))
    path.admin.indices.delete(index=oldest)
    found = look(path)
    assert clean(found, producer.ephemeral_id)
    assert account_of(found, producer.ephemeral_id)["indexed"] == 3


def test_who_only_looks_sees_whole_accounts_and_leaves_everything_as_it_is(path: Path):
    """Of producers that logged lately, from their first number on; nothing is remembered or tidied up."""
    before, lately = path.producer(), path.producer()
    log(before, 5)
    before.close()
    log(lately, 3)
    lost = path.redis.lpop(list_key("system"))
    assert lost
    path.consume()
    moment = datetime.now(UTC)
    log(lately, 2)
    lately.close()
    path.consume()
    files = sorted(path.settings.state_dir.rglob("*"))
    path.refresh()
    found = reconcile(
        path.settings,
        contract(),
        elasticsearch=path.reader,
        redis_client=path.redis,
        since=moment,
        keep=False,
        sleep=lambda _: path.refresh(),
    )
    assert {name for name, _ in found.accounts} == {lately.ephemeral_id}
    assert account_of(found, lately.ephemeral_id)["numbered"] == 5
    assert account_of(found, lately.ephemeral_id)["indexed"] == 5
    assert sorted(path.settings.state_dir.rglob("*")) == files
    everybody = look(path)
    assert account_of(everybody, before.ephemeral_id)["lost"] == 1
