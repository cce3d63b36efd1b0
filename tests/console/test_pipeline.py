"""The pipeline's page: what is planted in Redis, on disk and in Elasticsearch is what it shows."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.test import Client

from logging_pipeline.accounting.doctor import Finding
from logging_pipeline.accounting.reconcile import Reconciliation
from logging_pipeline.console.pipeline.counting import Counting
from logging_pipeline.console.pipeline.stages import Stage, places
from logging_pipeline.console.pipeline.stored import Lag, Reason, Stored, stored
from logging_pipeline.console.pipeline.waiting import InRedis, OnDisk, in_redis, on_disk
from logging_pipeline.console.store import store
from logging_pipeline.contract import contract
from logging_pipeline.errors import StoreUnavailable
from logging_pipeline.journey.pack import Batch
from logging_pipeline.journey.spool import Spool
from logging_pipeline.journey.take import LEASES
from logging_pipeline.settings import Settings, load
from tests.console.conftest import Person, Plant, set_up
from tests.console.events import document
from tests.console.tailing import until

pytestmark = [pytest.mark.stack, pytest.mark.django_db(databases="__all__")]

PART = {"HTTP_X_LOGPIPE_PART": "1"}
NOBODY = Stored(0, 0, 0, 0, None, 0, 0, None, None, None, None, (), (), (), ())
EMPTY = InRedis(0, 0, {"http": 0}, 0, 0, 0, 1_000_000, 0)


@pytest.fixture
def streams(elasticsearch_server: Any) -> str:
    """Of this file's own: what other tests stored would be counted, too."""
    return set_up(elasticsearch_server, __name__)


@pytest.fixture
def pipeline(console: dict[str, Any], redis_url: str, tmp_path: Path, settings: Any) -> dict[str, Any]:
    """The console with Elasticsearch, Redis and a state folder."""
    (tmp_path / "state").mkdir()
    console |= {"redis_url": redis_url, "state_dir": tmp_path / "state", "hash_key": "k" * 32}
    settings.LOGGING_PIPELINE = console
    return console


@pytest.fixture
def logs(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


def stage(name: str, **known: Any) -> Stage:
    """The stage *name*, of a pipeline of which this is known."""
    given = {"stored": NOBODY, "redis": EMPTY, "disk": OnDisk(0, 0, 1), **known}
    found = places(Settings(app="shop", high_water_events=1_000), **given)
    return next(stage for place in found for stage in place.stages if stage.name == name)


def test_the_twelve_stages_in_their_order():
    """As the folder of the journey has them, numbered from 1."""
    found = places(Settings(app="shop"), stored=None, redis=None, disk=None)
    folder = sorted(p.stem for p in (Path(__file__).parents[2] / "logging_pipeline/journey").glob("*.py"))
    stages = [stage for place in found for stage in place.stages]
    assert [stage.name for stage in stages] == [name for name in folder if name != "__init__"]
    assert [stage.number for stage in stages] == list(range(1, 13))
    assert {stage.state for stage in stages} == {"unknown"}


def test_the_state_of_a_stage_follows_from_its_numbers():
    """Well by default; each thing that is wrong shows at its own stage, with the reason."""
    late = Lag(timedelta(seconds=50), timedelta(seconds=70))
    refused = Reason("refused", 9, 3, datetime.now(UTC))
    planted: list[tuple[str, dict[str, Any], str, str]] = [
        ("pack", {"stored": _but(to_pack=late)}, "warning", "long in memory"),
        ("write", {"stored": _but(in_all=late)}, "warning", "a minute or more"),
        ("write", {"stored": _but(dead_letters=(refused,))}, "warning", "3 refused"),
        ("collect", {"stored": _but(dropped=(Reason("buffer_full", 7),))}, "warning", "Buffers were full"),
        ("ship", {"redis": InRedis(0, 0, {"http": 1_001}, 0, 0, 0, 0, 0)}, "failure", "high-water mark"),
        ("take", {"redis": InRedis(0, 0, {"http": 0}, 5, 2, 1, 0, 0)}, "warning", "1 leases"),
        ("stream", {"findings": [Finding("worker", "failure", "no worker listens")]}, "failure", "no worker listens"),
        ("spool", {"disk": None}, "unknown", "no state folder"),
    ]
    for name, known, state, why in planted:
        assert stage(name).state == "ok"
        assert stage(name, **known).state == state
        assert why in stage(name, **known).why


def _but(**changes: Any) -> Stored:
    return Stored(**{name: changes.get(name, getattr(NOBODY, name)) for name in Stored.__slots__})


def test_what_waits_is_counted(pipeline: dict[str, Any], logs: redis.Redis):
    """Batches, lists, leases and the spool, each by what was planted."""
    own = load(pipeline, {})
    logs.rpush("logs", b"batch", b"batch")
    logs.hset("unacked", "tag", b"message")
    logs.rpush("logs:http", *[b"{}"] * 7)
    logs.rpush("logs:http:processing:a", *[b"{}"] * 3)
    logs.rpush("logs:task:processing:b", b"{}")
    now = time.time()
    logs.zadd(LEASES, {"logs:http:processing:a": now + 60, "logs:task:processing:b": now - 5})
    found = in_redis(own, contract())
    assert (found.batches, found.with_worker, found.events, found.waiting["http"]) == (2, 1, 7, 7)
    assert (found.in_hand, found.leases, found.overdue) == (4, 2, 1)
    assert found.used_bytes > 0
    Spool(own.spool_dir, secrets.token_hex(16), 10_000_000).keep(Batch("b1", {"system": b"{}"}, {"system": [1]}))
    disk = on_disk(own)
    assert disk is not None
    assert disk.batches == 1
    assert disk.bytes == sum(path.stat().st_size for path in own.spool_dir.glob("*/*.batch"))
    assert on_disk(load({**pipeline, "state_dir": own.state_dir / "none"}, {})) is None


def test_what_elasticsearch_has_is_counted(pipeline: dict[str, Any], plant: Plant):
    """Rates and lags of the last minutes, reasons of the last day; what is older is left out."""
    now = datetime.now(UTC)
    before = stored(store(), contract(), now)

    def on_the_way(logged: datetime, **more: Any) -> dict[str, Any]:
        packed, ingested = logged + timedelta(seconds=2), logged + timedelta(seconds=8)
        given = {"created": packed.isoformat(), "ingested": ingested.isoformat()}
        return document("system", "x", logged, event=given, data_stream=_stream("system"), **more)

    marked = {"trace": {"id": secrets.token_hex(16)}, "tags": ["_grokparsefailure"], "labels": {"a": "b"}}
    storm = {"labels": {"storm_event": f"loop_{secrets.token_hex(3)}"}, "numeric_labels": {"suppressed": 41}}
    reason = f"reason_{secrets.token_hex(3)}"
    plant(
        *(on_the_way(now - timedelta(seconds=30 + n)) for n in range(6)),
        on_the_way(now - timedelta(seconds=20), **marked),
        on_the_way(now - timedelta(hours=2)),
        document("system", "system.storm", now - timedelta(hours=3), **storm),
        *(
            document("dead_letter", "", now - age, dead_letter={"reason": reason})
            for age in (timedelta(minutes=1), timedelta(hours=2), timedelta(days=2))
        ),
        document("discarded", "", now - timedelta(minutes=1), discard={"reason": reason}),
        *(
            document("ledger", "ledger.dropped", now, ledger={"category": "http", "reason": reason, "dropped": n})
            for n in (5, 8)
        ),
    )
    found = stored(store(), contract(), now + timedelta(seconds=1))
    assert found.logged - before.logged == 7
    assert found.packed - before.packed == 7
    assert found.ingested - before.ingested == 7
    assert found.system - before.system == 7
    assert found.marked - before.marked == 1
    assert found.labelled - before.labelled == 1
    assert found.in_all is not None
    assert found.in_all.p95 == timedelta(seconds=8)
    assert found.to_pack is not None
    assert found.to_pack.p50 == timedelta(seconds=2)
    assert found.traced is not None
    assert 0 < found.traced < 1
    assert [(r.count, r.lately) for r in found.dead_letters if r.name == reason] == [(2, 1)]
    assert [(r.count, r.lately) for r in found.discarded if r.name == reason] == [(1, 1)]
    assert [r.count for r in found.dropped if r.name == reason] == [13]  # two producers, each by its own sum
    assert [(s.name, s.count) for s in found.storms if s.name == storm["labels"]["storm_event"]] == [
        (storm["labels"]["storm_event"], 41)
    ]


def _stream(category: str) -> dict[str, str]:
    return {"type": "logs", "dataset": f"shop.{category}", "namespace": "default"}


def test_the_page_shows_it(pipeline: dict[str, Any], logs: redis.Redis, plant: Plant, person: Person):
    """Waiting events, dead letters and doctor's cures; links only for whoever may read what they lead to."""
    logs.rpush("logs:http", *[b"{}"] * 1_234)
    plant(document("dead_letter", "", datetime.now(UTC), dead_letter={"reason": "id_conflict"}))
    reader, other = person(may=("view_pipeline", "view_category_dead_letter")), person(may=("view_pipeline",))
    text = reader.get("/ops/pipeline/state/", **PART).content.decode()
    assert re.search(r"logs:http</td><td class=\"n\">1,234<", text)
    assert "no consumer takes events; 1234 wait in Redis" in text
    assert "Start one: logpipe consume" in text
    assert "category=dead_letter&amp;filter=dead_letter.reason%3Aid_conflict" in text
    assert "<html" not in text
    text = other.get("/ops/pipeline/state/", **PART).content.decode()
    assert "id_conflict" in text
    assert "filter=dead_letter" not in text
    assert "logpipe_console.view_category_dead_letter" in text
    whole = reader.get("/ops/pipeline/state/").content.decode()
    link = re.search(r'href="(/ops/logs/[^"]+id_conflict[^"]*)"', whole)
    assert link
    assert "id_conflict" in reader.get(link[1].replace("&amp;", "&")).content.decode()


def test_nothing_is_asked_for_the_shell(settings: Any, pipeline: dict[str, Any], staff: Client):
    """The page comes at once whatever is away, and its parts say what is missing and why."""
    settings.LOGGING_PIPELINE = {
        **pipeline,
        "redis_url": "redis://127.0.0.1:1/1",
        "elasticsearch_url": "http://127.0.0.1:1",
    }
    assert staff.get("/ops/pipeline/").status_code == 200
    answer = staff.get("/ops/pipeline/state/", **PART)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "Redis does not answer" in text
    assert "Elasticsearch at http://127.0.0.1:1" in text
    assert text.count("not known") >= 6


@pytest.mark.parametrize("url", ["/ops/pipeline/", "/ops/pipeline/state/", "/ops/pipeline/accounts/"])
def test_it_takes_a_permission(pipeline: dict[str, Any], person: Person, url: str):
    """Strangers log in; others read which one it is."""
    assert Client().get(url).status_code == 302
    answer = person("http").get(url)
    assert answer.status_code == 403
    assert "logpipe_console.view_pipeline" in answer.content.decode()


def test_accounts_are_counted_while_nobody_waits(pipeline: dict[str, Any], plant: Plant, staff: Client):
    """202 until they are there; then a row for each producer and category, what is lost by its number."""
    now = datetime.now(UTC)
    whole = [document("http", "http.request", now, sequence=n) for n in (1, 2, 4)]
    for event in whole:
        event["agent"]["ephemeral_id"] = "c" * 32
    plant(*whole)
    texts: list[str] = []

    def counted() -> bool:
        answer = staff.get("/ops/pipeline/accounts/?since=1h", **PART)
        texts.append(answer.content.decode())
        assert answer.status_code in (200, 202)
        assert answer.status_code == 200 or "data-again" in texts[-1]
        return answer.status_code == 200

    until(counted, "nothing is counted")
    assert "Not clean" in texts[-1]
    row = next(row for row in texts[-1].split("<tr") if "c" * 32 in row)
    numbers = re.findall(r'<td class="n[^"]*">([\d,]+)', row)
    assert numbers == ["4", "3", "0", "0", "0", "0", "1", "0"]
    assert "lost: 3" in row
    assert "not known" in row  # nobody said that 4 was the last
    assert not (pipeline["state_dir"] / "reconcile.json").exists()


def test_one_count_at_a_time():
    """Who asks meanwhile starts no second one; the result is kept, a failure told; asked afresh it counts again."""
    go, calls = threading.Event(), []

    def count(_settings: Settings, since: datetime | None) -> Reconciliation:
        calls.append(since)
        assert go.wait(60)
        if len(calls) == 2:
            raise StoreUnavailable("Elasticsearch is away")
        return Reconciliation()

    counting, own = Counting(count), Settings(app="shop")
    assert counting.ask("1h", own, None) is None
    assert counting.ask("7d", own, None) is None
    assert counting.since_s() >= 0
    go.set()
    until(lambda: counting.ask("1h", own, None) is not None, "no result")
    assert calls == [None]

    def failed() -> bool:
        result = counting.ask("7d", own, datetime.now(UTC))
        return result is not None and result.problem == "Elasticsearch is away"

    until(failed, "no failure")
    assert len(calls) == 2
    assert counting.ask("7d", own, None, afresh=True) is None
    until(lambda: len(calls) == 3, "not counted again")


def test_a_count_without_redis_names_it():
    """What stopped a count is said with its cure, not only as the socket's words."""

    def count(_settings: Settings, _since: datetime | None) -> Reconciliation:
        raise redis.TimeoutError("Timeout reading from socket")

    counting, own = Counting(count), Settings(app="shop")
    until(lambda: counting.ask("1h", own, None) is not None, "no result")
    result = counting.ask("1h", own, None)
    assert result is not None
    assert "Redis does not answer: Timeout reading from socket. Is it running" in result.problem
