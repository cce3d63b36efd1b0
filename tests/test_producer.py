"""One process' end of the pipeline: numbers, hand-over, disk, ledger, fork and end."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logging_pipeline import producer as module
from logging_pipeline.entrance import install, installed, pipeline, replaced
from logging_pipeline.errors import BrokerUnavailable
from logging_pipeline.high_water import HighWater
from logging_pipeline.journey.pack import Batch
from logging_pipeline.producer import Producer
from logging_pipeline.settings import Settings


class Broker:
    """Keeps what it takes; may be away, or hang until it is let go."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.away = False
        self.hangs: threading.Event | None = None

    def __call__(self, batch: Batch) -> None:
        if self.hangs is not None:
            self.hangs.wait()
        if self.away:
            raise BrokerUnavailable("away")
        self.batches.append(batch)

    def documents(self, category: str = "system") -> list[dict[str, Any]]:
        bodies = (batch.bodies[category] for batch in self.batches if category in batch.bodies)
        return [json.loads(line) for body in bodies for line in body.split(b"\n")]

    def texts(self, category: str = "system") -> list[str]:
        return [document["message"] for document in self.documents(category)]

    def numbers(self, category: str = "system") -> list[int]:
        return [document["event"]["sequence"] for document in self.documents(category)]


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def make(tmp_path, broker):
    made: list[Producer] = []

    def make(**more: Any) -> Producer:
        options = {key: more.pop(key) for key in ("pressure", "watch", "make_send") if key in more}
        given = {"app": "shop", "state_dir": tmp_path, "flush_interval_s": 0.02, "close_timeout_s": 2.0, **more}
        producer = Producer(Settings(**given), **{"make_send": lambda: broker, **options})
        made.append(producer)
        return producer

    yield make
    for producer in made:
        producer.close()


def log(producer: Producer, text: str, severity: int = 20, **fields: Any) -> None:
    producer.emit(severity, "shop.test", text, fields)


def until(condition: Callable[[], Any], timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, condition
        time.sleep(0.005)


def test_an_event_is_handed_over_without_anybody_asking(make, broker):
    """The flusher starts with the first event and works by the clock."""
    log(make(), "hello")
    until(lambda: broker.texts() == ["hello"])


def test_what_was_logged_before_the_end_is_handed_over(make, broker):
    """Closing takes along everything that was collected, and ends with totals that say so."""
    producer = make(flush_interval_s=60.0)
    for number in range(1_200):
        log(producer, f"event {number}")
    producer.close()
    assert broker.texts() == [f"event {number}" for number in range(1_200)]
    totals = broker.documents("ledger")[-1]["ledger"]
    assert totals == {
        "category": "system",
        "numbered": 1_200,
        "shipped": 1_200,
        "spooled": 0,
        "dropped": 0,
        "final": True,
    }
    assert list((Path(producer._settings.state_dir) / "producers").iterdir()) == []


def test_closing_twice_is_closing_once(make, broker):
    """Several hooks may fire at the end of one process."""
    producer = make()
    log(producer, "x")
    producer.close()
    before = len(broker.batches)
    producer.close()
    assert len(broker.batches) == before


def test_a_late_word_is_handed_over_too(make, broker):
    """What is logged after closing (an atexit hook of somebody else's) goes at once."""
    producer = make()
    log(producer, "early")
    producer.close()
    log(producer, "late")
    assert broker.texts() == ["early", "late"]
    assert broker.numbers() == [1, 2]
    assert broker.documents("ledger")[-1]["ledger"]["numbered"] == 2


def test_numbers_are_contiguous_under_threads_up_to_the_broker(make, broker):
    """Every number arrives exactly once, whichever thread it was given on, while others flush."""
    producer = make(batch_max_events=50)
    threads = [threading.Thread(target=lambda: [log(producer, "x") for _ in range(500)]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    producer.close()
    assert sorted(broker.numbers()) == list(range(1, 3_001))


def test_a_flush_that_failed_says_so(make, monkeypatch):
    """Who asks for it may rely on its answer: what it handed over is acknowledged."""
    producer = make()
    monkeypatch.setattr(producer, "_replay", lambda **_: 1 / 0)
    log(producer, "x")
    assert not producer.flush()


def test_the_caller_does_not_wait_for_a_broker_that_hangs(make, broker):
    """The flusher waits; who logs does not, and what is too much is in the ledger by number."""
    broker.hangs = threading.Event()
    producer = make(buffer_max_events=100, close_timeout_s=0.05)
    log(producer, "first")
    until(lambda: not producer._buffer)
    slowest = 0.0
    for _ in range(500):
        started = time.perf_counter()
        log(producer, "x")
        slowest = max(slowest, time.perf_counter() - started)
    assert slowest < 0.5
    assert len(producer._buffer) == 100
    broker.hangs.set()
    broker.hangs = None
    until(lambda: producer.flush())
    producer._write_ledger(final=False)
    assert len(broker.texts()) == 101
    dropped = [entry["ledger"] for entry in broker.documents("ledger") if "reason" in entry["ledger"]]
    assert dropped == [{"category": "system", "dropped": 400, "ranges": ["102-501"], "reason": "buffer_full"}]


def test_closing_takes_no_longer_than_its_deadline(make, broker, capsys):
    """A broker that hangs for ever does not keep a process from ending; the numbers stay on disk."""
    broker.hangs = threading.Event()
    producer = make(close_timeout_s=0.3)
    log(producer, "x")
    until(lambda: not producer._buffer)
    log(producer, "y")
    started = time.monotonic()
    producer.close()
    assert time.monotonic() - started < 1.0
    assert "still had work" in capsys.readouterr().err
    (path,) = (producer._settings.state_dir / "producers").iterdir()
    assert HighWater.read(path) == {"system": 2}
    broker.hangs.set()


def test_while_the_broker_is_away_batches_wait_on_disk_in_order(make, broker):
    """Nothing is lost and nothing overtakes; new events queue up behind those on disk."""
    producer = make(batch_max_events=1)
    broker.away = True
    for text in "abc":
        log(producer, text)
        producer.flush()
    assert producer._spool.batches == 3
    broker.away = False
    log(producer, "d")
    until(lambda: producer.flush() and len(broker.texts()) == 4)
    assert broker.texts() == ["a", "b", "c", "d"]
    producer.close()
    totals = broker.documents("ledger")[-1]["ledger"]
    assert (totals["numbered"], totals["shipped"], totals["spooled"], totals["dropped"]) == (4, 0, 4, 0)


def test_under_pressure_batches_wait_on_disk_too(make, broker):
    """A Redis that is too full to hold more is spared."""
    high = [True]
    producer = make(pressure=lambda: high[0])
    log(producer, "x")
    producer.flush()
    assert broker.texts() == []
    high[0] = False
    until(lambda: producer.flush() and broker.texts() == ["x"])


def test_what_the_next_producer_finds_it_hands_over(make, broker):
    """A process that ended while the broker was away leaves its batches to whoever runs then."""
    broker.away = True
    first = make()
    log(first, "old")
    first.close()
    assert broker.texts() == []
    broker.away = False
    second = make()
    log(second, "new")
    until(lambda: sorted(broker.texts()) == ["new", "old"])


def test_a_long_outage_is_made_up_for_in_slices(make, broker, monkeypatch):
    """While a thousand batches go, the buffer is seen to between them."""
    monkeypatch.setattr(module, "REPLAY_BATCHES", 3)
    producer = make(batch_max_events=1)
    broker.away = True
    for number in range(20):
        log(producer, str(number))
    producer.flush()
    broker.away = False
    until(lambda: len(broker.texts()) == 20)
    assert broker.texts() == [str(number) for number in range(20)]


def test_a_disk_without_room_is_a_drop_that_the_ledger_names(make, broker):
    """The numbers, the reason, and cumulative totals: the last entry alone tells all."""
    broker.away = True
    producer = make(spool_max_bytes=1)
    for _ in range(3):
        log(producer, "x")
    producer.flush()
    broker.away = False
    producer._breaker.succeeded()
    producer.close()
    dropped = next(entry["ledger"] for entry in broker.documents("ledger") if "reason" in entry["ledger"])
    assert dropped == {"category": "system", "dropped": 3, "ranges": ["1-3"], "reason": "spool_full"}
    totals = next(entry["ledger"] for entry in broker.documents("ledger") if "numbered" in entry["ledger"])
    assert (totals["numbered"], totals["shipped"], totals["dropped"]) == (3, 0, 3)


def test_a_ledger_that_did_not_get_out_leaves_the_numbers_on_disk(make, broker):
    """Then nobody else knows how many events there were."""
    broker.away = True
    producer = make(spool_max_bytes=1)
    log(producer, "x")
    producer.close()
    (path,) = (producer._settings.state_dir / "producers").iterdir()
    assert HighWater.read(path)["system"] == 1


@pytest.mark.parametrize("fault", [ValueError("odd"), KeyError("odd")])
def test_a_client_library_may_raise_anything(make, broker, fault, capsys):
    """The batch waits on disk, the flusher goes on, and standard error says why."""
    faults = [fault]

    def send(batch: Batch) -> None:
        if faults:
            raise faults.pop()
        broker(batch)

    producer = make(make_send=lambda: send)
    log(producer, "x")
    until(lambda: producer.flush() and broker.texts() == ["x"])
    assert "ship" in capsys.readouterr().err


def test_who_watches_cannot_cost_an_event(make, broker):
    """A console that is gone does not stop the hand-over."""

    def watch(document: dict[str, Any]) -> None:
        raise RuntimeError("gone")

    producer = make(watch=watch)
    log(producer, "x")
    producer.close()
    assert broker.texts() == ["x"]


def test_an_event_that_cannot_be_made_leaves_a_masked_note(make, broker, monkeypatch):
    """The number was given: something arrives under it, and nothing unmasked."""
    producer = make()

    def fail(document: dict[str, Any], category: str) -> int:
        raise RuntimeError("no")

    monkeypatch.setattr(producer._lines._masker, "mask", fail)
    log(producer, "secret", password="hunter2")
    producer.close()
    (document,) = broker.documents()
    assert document["message"] == "[masked]"
    assert document["labels"] == {"pipeline_error": "RuntimeError"}


def test_an_event_that_cannot_be_made_costs_no_other(make, broker):
    """Not even one of a logger that has no name, which its note cannot name either."""
    producer = make()
    log(producer, "before")
    producer.emit(20, None, "x", {})  # type: ignore[arg-type]
    log(producer, "after")
    producer.close()
    assert broker.texts() == ["before", "[masked]", "after"]


def test_the_pipeline_does_not_log_through_itself(make, broker, capsys):
    """What a client library logs while a batch is handed over goes to standard error."""
    producers: list[Producer] = []

    def send(batch: Batch) -> None:
        producers[0].emit(30, "kombu.transport", "from inside", {})
        broker(batch)

    producers.append(make(make_send=lambda: send))
    log(producers[0], "x")
    producers[0].close()
    assert broker.texts() == ["x"]
    assert "from inside" in capsys.readouterr().err


@pytest.mark.parametrize("at", ["any time", "the end"])
def test_what_finalisers_log_on_the_flusher_is_an_event(make, broker, at):
    """The garbage collector runs on whichever thread it likes: a task's lost exception is told on ours, too."""

    class Finalised:
        def __del__(self) -> None:
            log(producer, "a task's exception was never retrieved", 40)

    def send(batch: Batch) -> None:
        if held:
            held.pop()
        broker(batch)

    held = [Finalised()]
    producer = make(make_send=lambda: send)
    log(producer, "x")
    if at == "any time":
        until(lambda: len(broker.texts()) == 2)
    producer.close()
    assert broker.texts() == ["x", "a task's exception was never retrieved"]
    assert broker.numbers() == [1, 2]


def test_emit_never_raises(make, broker, monkeypatch, capsys):
    """Whatever breaks inside, the code that logs goes on."""
    producer = make()
    with replaced(producer), monkeypatch.context() as broken:
        broken.setattr(producer, "_buffer", None)
        pipeline.emit(20, "shop", "x", {})
    assert "an event of shop could not be taken" in capsys.readouterr().err


def test_a_process_that_has_no_thread_left_tries_again(make, broker, monkeypatch):
    """The first event is handed over by who logs it; later there is a flusher as usual."""
    producer = make()

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        log(producer, "a")
        assert broker.texts() == ["a"]
    log(producer, "b")
    until(lambda: broker.texts() == ["a", "b"])


def test_the_last_number_survives_a_kill(make, broker, tmp_path):
    """``kill -9`` leaves what was numbered, though nothing was handed over."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        producer = make(flush_interval_s=60.0)
        for _ in range(7):
            log(producer, "x")
        os.write(write, producer.ephemeral_id.encode())
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    identity = os.read(read, 100).decode()
    os.close(read)
    os.close(write)
    assert HighWater.read(tmp_path / "producers" / f"{identity}.numbers") == {"system": 7}


def in_child(work: Callable[[], Any]) -> Any:
    """What *work* returns in a forked child."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = json.dumps(work())
        except BaseException as error:  # noqa: BLE001  # whatever it is, the parent shall see it
            answer = json.dumps(repr(error))
        os.write(write, answer.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return json.loads(answer)


def test_a_forked_child_is_a_producer_of_its_own(make, broker):
    """New id, own numbers from 1, and none of the parent's events a second time."""
    producer = make(flush_interval_s=60.0)
    log(producer, "parent")

    def work() -> Any:
        broker.batches.clear()
        log(producer, "child")
        producer.close()
        return [producer.ephemeral_id, broker.texts(), broker.numbers()]

    identity, texts, numbers = in_child(work)
    producer.close()
    assert identity != producer.ephemeral_id
    assert (texts, numbers) == (["child"], [1])
    assert broker.texts() == ["parent"]


def test_a_fork_while_another_thread_holds_the_turn_does_not_hang(make, broker):
    """The flusher may hang in the broker when the program forks: the child logs all the same."""
    broker.hangs = threading.Event()
    producer = make()
    log(producer, "parent")
    until(lambda: not producer._buffer)

    def work() -> Any:
        broker.hangs = None
        broker.batches.clear()
        log(producer, "child")
        return [producer.flush(), broker.texts()]

    assert in_child(work) == [True, ["child"]]
    broker.hangs.set()


def test_forks_amid_logging_threads_lose_nothing_and_hang_never(make, broker):
    """Twenty children, each forked at some point of a busy parent's work."""
    producer = make(batch_max_events=20)
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            log(producer, "x")
            time.sleep(0 if len(producer._buffer) < 1_000 else 0.01)  # the flusher may be slower than two callers

    threads = [threading.Thread(target=busy) for _ in range(2)]
    for thread in threads:
        thread.start()

    def work() -> Any:
        broker.batches.clear()
        log(producer, "child")
        producer.close()
        return broker.texts()

    answers = [in_child(work) for _ in range(20)]
    stop.set()
    for thread in threads:
        thread.join()
    producer.close()
    assert answers == [["child"]] * 20
    assert sorted(broker.numbers()) == list(range(1, len(broker.numbers()) + 1))


def test_installing_another_closes_the_former(make, broker):
    """A second `configure` replaces the first and loses nothing."""
    before = installed()
    first, second = make(flush_interval_s=60.0), make()
    try:
        with replaced(first):
            pipeline.emit(20, "shop", "x", {})
            install(second)
            assert installed() is second
            assert broker.texts() == ["x"]
    finally:
        assert installed() is before


def test_with_nothing_installed_an_event_goes_to_standard_error(capsys):
    """Code that logs before `configure` is heard."""
    with replaced(None):  # type: ignore[arg-type]  # the state before configure
        pipeline.emit(20, "shop", "too early", {})
    assert "unconfigured: shop: too early" in capsys.readouterr().err
