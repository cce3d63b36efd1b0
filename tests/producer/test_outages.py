"""While the broker is away, hangs or is full: batches wait on disk, in order, and nobody waits for them."""

from __future__ import annotations

import threading
import time

from logging_pipeline import producer as module
from logging_pipeline.high_water import HighWater
from tests.producer.made import log, until


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
