"""Bad days of single events: broken on their way, forged, written twice."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest

from logging_pipeline.indexes import DEAD_LETTER, DISCARDED
from logging_pipeline.journey.stream import list_key
from tests.bad_days.day import Day
from tests.bad_days.pipeline import until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

FIVE_MEGABYTES = b"g" * 5_000_000


def wrong_type(line: bytes) -> bytes:
    """A number that is a word."""
    return line.replace(b'"sequence":', b'"duration":"soon","sequence":')


def five_megabytes(line: bytes) -> bytes:
    """Far beyond what a producer lets through."""
    return line.replace(b'"filler":"', b'"filler":"' + FIVE_MEGABYTES)


def a_word(line: bytes) -> bytes:
    """Another event under the same id."""
    return line.replace(b'"filler":"', b'"filler":"other ')


def test_events_with_poison_in_them(day: Day):
    """Bytes, halves of characters, five megabytes, wrong types: what a program logs is stored under its number."""
    emitter = day.emitter("--count=600", "--poison")
    until(lambda: not emitter.running)
    day.quiet()
    verdict = day.account()
    assert verdict.stored == verdict.said == 600


def test_events_broken_on_their_way(day: Day):
    """A type conflict, five megabytes, text that is no UTF-8: each is stored somewhere, and none stops the rest."""
    day.pipeline.consumer.pause()
    _logged(day, 200)
    _change(day, 0, wrong_type)
    _change(day, 1, five_megabytes)
    with day.pipeline.client() as client:
        client.rpush(list_key("system"), f'{{"message": "{day.folder.name} '.encode() + b'\xff\xc3"}')
    day.pipeline.consumer.resume()
    day.quiet()
    verdict = day.account()
    assert (verdict.stored, verdict.dead_lettered) == (199, 1)
    with day.pipeline.elasticsearch.client() as admin:
        stream = f"logs-shop.{DISCARDED}-{day.pipeline.namespace}"
        query = {"bool": {"filter": [{"match_phrase": {"message": day.folder.name}}]}}
        (hit,) = admin.search(index=stream, query=query)["hits"]["hits"]
    assert hit["_source"]["discard"]["reason"] == "not_json"


def test_a_forged_id(day: Day):
    """Another event under an id that is taken is a dead letter and an alarm; the first one stands."""
    day.pipeline.consumer.pause()
    _logged(day, 200)
    with day.pipeline.client() as client:
        line = client.lindex(list_key("system"), 10)
        client.rpush(list_key("system"), a_word(line))
    day.pipeline.consumer.resume()
    day.quiet()
    # The harness sees two documents of one event, as it should: the one that stands, and the dead letter.
    with pytest.raises(AssertionError, match="doubled"):
        day.account()
    row = day.row()
    assert (row["forged"], row["lost"], row["duplicates"]) == (1, 0, 0)
    assert not day.found.clean
    identity = orjson.loads(line)["event"]["id"]
    with day.pipeline.elasticsearch.client() as admin:
        stream = f"logs-shop.{DEAD_LETTER}-{day.pipeline.namespace}"
        (letter,) = admin.search(index=stream, query={"term": {"event.id": identity}})["hits"]["hits"]
    assert letter["_source"]["dead_letter"]["reason"] == "id_conflict"


@pytest.mark.parametrize("consumer", ["killed", "alive"])
def test_a_rollover_between_a_write_and_its_replay(day: Day, consumer: str):
    """What is in the older index already is not written into the new one, by the same consumer or by the next."""
    day.emitter().wait_for(300)
    day.pipeline.front.lose_an_answer()
    assert day.pipeline.front.withheld.is_set()
    if consumer == "killed":
        day.pipeline.consumer.kill()
    with day.pipeline.elasticsearch.client() as admin:
        for category in ("system", "audit", "ledger"):
            admin.indices.rollover(alias=f"logs-shop.{category}-{day.pipeline.namespace}")
    day.pipeline.start()
    day.quiet()
    verdict = day.account()
    assert verdict.stored == verdict.said


def _logged(day: Day, count: int) -> None:
    """So many events are in their lists, and nobody takes them."""
    emitter = day.emitter(f"--count={count}", "--categories=1")
    until(lambda: not emitter.running)
    with day.pipeline.client() as client:
        until(lambda: client.llen(list_key("system")) >= count)


def _change(day: Day, position: int, spoil: Callable[[bytes], bytes]) -> None:
    """Replace the event at *position* of its list."""
    with day.pipeline.client() as client:
        line = client.lindex(list_key("system"), position)
        spoiled = spoil(line)
        assert spoiled != line
        client.lset(list_key("system"), position, spoiled)
