"""Trace, on real Redis and Elasticsearch: the last hop that an event reached, and the first that it did not."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable

import orjson
import pytest
from click.testing import CliRunner

from logging_pipeline.accounting.trace import Trace, trace
from logging_pipeline.broker import sender
from logging_pipeline.cli.account import trace as trace_command
from logging_pipeline.indexes import Store, stream_name
from logging_pipeline.journey.stream import list_key
from logging_pipeline.journey.take import take
from logging_pipeline.journey.write import Action, write
from logging_pipeline.producer import Producer
from logging_pipeline.settings import Settings
from tests.accounting.path import Path

pytestmark = pytest.mark.stack


def look(path: Path, producer: Producer, number: int = 1) -> Trace:
    path.refresh()
    event_id = f"{producer.ephemeral_id}-system-{number}"
    found = trace(
        event_id, path.settings, elasticsearch=path.reader, redis_client=path.redis, sleep=lambda _: path.refresh()
    )
    print(found)
    return found


def log(producer: Producer, count: int = 1) -> None:
    for number in range(count):
        producer.emit(20, "test", f"line {number}", {"n": number})


def last(found: Trace) -> tuple[str, str]:
    return found.sightings[-1].hop, found.sightings[-1].what


def test_an_event_in_the_memory_of_its_process(path: Path):
    """What no batch holds yet is numbered, and not handed over yet; nothing is lost."""
    producer = path.producer(dataclasses.replace(path.settings, flush_interval_s=60))
    log(producer)
    found = look(path, producer)
    producer.close()
    assert (last(found)[0], found.missing, found.lost) == ("numbered", "handed over", False)
    assert "memory" in found.cause


def test_an_event_on_disk(path: Path):
    """A batch in the spool is found with its file."""
    path.refusing = True
    producer = path.producer()
    log(producer, 3)
    producer.flush()
    found = look(path, producer, 2)
    producer.close()
    assert str(path.settings.spool_dir) in last(found)[1]
    assert (found.missing, found.lost) == ("handed over", False)
    assert found.sightings[-1].at


def test_an_event_in_the_brokers_queue(path: Path):
    """A batch that no worker has taken is found inside of Celery's message."""
    producer = Producer(path.settings, make_send=lambda: sender(path.settings))
    log(producer)
    producer.flush()
    found = look(path, producer)
    producer.close()
    assert last(found) == ("handed over", "in the broker's queue logs")
    assert (found.missing, found.lost) == ("streamed", False)
    assert "worker" in found.cause


def test_an_event_in_its_list_and_in_a_consumers_hands(path: Path):
    """In Redis the list is told, then the processing list with the end of its lease."""
    producer = path.producer()
    log(producer)
    producer.flush()
    found = look(path, producer)
    assert (last(found), found.missing) == (("streamed", "in the list logs:system"), "taken")
    taken = take(list_key("system"), client=path.redis, max_events=1, lease_s=30)
    found = look(path, producer)
    producer.close()
    assert (last(found)[0], found.missing, found.lost) == ("taken", "stored", False)
    assert taken is not None
    assert taken.key in last(found)[1]
    assert "leased until 20" in last(found)[1]


def test_an_indexed_event_tells_its_times(path: Path):
    """When it was logged, when packed, and the backing index that holds it."""
    producer = path.producer()
    log(producer)
    producer.close()
    path.consume()
    found = look(path, producer)
    assert (found.ended, found.missing, found.lost, found.copies) == ("indexed", "", False, 1)
    assert last(found)[1].startswith(f"indexed in .ds-{stream_name(path.settings, 'system')}-")
    assert [sighting.hop for sighting in found.sightings if sighting.at][:2] == ["numbered", "numbered"]


def test_copies_are_counted(path: Path):
    """An event in two backing indices is found in both."""
    producer = path.producer()
    log(producer)
    producer.flush()
    line = path.redis.lrange(list_key("system"), 0, 0)[0]
    producer.close()
    path.consume()
    path.admin.indices.rollover(alias=stream_name(path.settings, "system"))
    write([path.action(line)], store=Store(path.writer), dead_letters=stream_name(path.settings, "dead_letter"))
    found = look(path, producer)
    assert (found.ended, found.copies) == ("indexed", 2)
    assert len({sighting.what for sighting in found.sightings if sighting.hop == "stored"}) == 2


def test_a_dead_letter_tells_why(path: Path):
    """What Elasticsearch refused is found among the dead letters, with its words."""
    producer = path.producer()
    log(producer)
    producer.flush()
    action = path.action(path.redis.lpop(list_key("system")))
    broken = Action(action.stream, action.id, action.body.replace(b'"sequence":1', b'"sequence":1,"duration":"soon"'))
    write([broken], store=Store(path.writer), dead_letters=stream_name(path.settings, "dead_letter"))
    producer.close()
    found = look(path, producer)
    assert (found.ended, found.lost) == ("dead letter", False)
    assert "refused: document_parsing_exception" in last(found)[1]


def test_a_discarded_event_tells_why(path: Path):
    """What a pipeline put aside is found in the stream for it, with the reason."""
    producer = path.producer()
    log(producer)
    producer.flush()
    action = path.action(path.redis.lpop(list_key("system")))
    event = {**orjson.loads(action.body), "discard": {"reason": "health_check", "category": "system"}}
    aside = Action(stream_name(path.settings, "discarded"), action.id, orjson.dumps(event))
    write([aside], store=Store(path.writer), dead_letters=stream_name(path.settings, "dead_letter"))
    producer.close()
    found = look(path, producer)
    assert found.ended == "discarded"
    assert last(found)[1].endswith("health_check")


def test_a_drop_is_told_with_its_reason(path: Path):
    """What the ledger says was dropped on purpose is not called lost."""
    producer = path.producer(dataclasses.replace(path.settings, buffer_max_events=2, flush_interval_s=60))
    with producer._turn:
        log(producer, 5)
    producer.close()
    path.consume()
    found = look(path, producer, 5)
    assert (found.ended, found.lost) == ("dropped (buffer_full)", False)


def test_a_loss_in_redis_is_placed_there(path: Path):
    """What the ledger counts as handed over and nobody holds was lost behind the broker."""
    producer = path.producer()
    log(producer, 2)
    producer.flush()
    path.redis.delete(list_key("system"))
    producer.close()
    path.consume()
    found = look(path, producer)
    assert (found.lost, found.missing, found.ended) == (True, "streamed", "")
    assert "the broker had it" in found.cause


def test_a_loss_in_memory_is_placed_there(path: Path):
    """A number that was given by a producer that is gone, and never handed over, died in its process."""
    producer = path.producer(dataclasses.replace(path.settings, flush_interval_s=60))
    log(producer, 2)
    producer._high_water.let_go()  # as when its process is killed: the file stays, the lock goes
    found = look(path, producer)
    assert (found.lost, found.missing) == (True, "handed over")
    assert "its process ended, or was killed" in found.cause


@pytest.mark.parametrize("event_id", ["nonsense", "0" * 32 + "-system-7"])
def test_an_unknown_id_is_an_error(as_user: Callable[[str], Settings], event_id: str):
    """Nothing is made up for an id that nobody gave: exit code 1, and the id is named."""
    as_user("logpipe_reader")
    ran = CliRunner().invoke(trace_command, [event_id])
    assert ran.exit_code == 1
    assert f"nothing is known of an event '{event_id}'" in ran.output


def test_the_command_prints_the_hops(path: Path, as_user: Callable[[str], Settings]):
    """People see every hop and how it ended; programs get the same as JSON."""
    producer = path.producer()
    log(producer)
    producer.close()
    path.consume()
    path.refresh()
    as_user("logpipe_reader")
    event_id = f"{producer.ephemeral_id}-system-1"
    ran = CliRunner().invoke(trace_command, [event_id])
    assert ran.exit_code == 0, ran.output
    assert "stored" in ran.output
    assert ran.output.endswith("indexed\n")
    told = json.loads(CliRunner().invoke(trace_command, [event_id, "--json"]).output)
    assert (told["ended"], told["copies"]) == ("indexed", 1)
