"""Stage 3: numbered, bounded, and never waiting."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from logging_pipeline.high_water import HighWater
from logging_pipeline.journey.collect import Buffer


def buffer(capacity: int = 1_000, **more) -> Buffer:
    return Buffer(capacity, HighWater(None), **more)


def put(target: Buffer, text: str = "x", *, category: str = "order", severity: int = 20, time_ns: int = 0, **fields):
    target.collect(category, severity, "shop.orders", text, fields, {}, time_ns)


def test_each_category_is_numbered_from_one():
    """A hole in the numbers is a loss, so there is none to begin with."""
    target = buffer()
    for category in ("order", "http", "order"):
        put(target, category=category)
    assert [(e.category, e.sequence) for e in target.drain()] == [("order", 1), ("http", 1), ("order", 2)]
    put(target)
    assert [e.sequence for e in target.drain()] == [3]


def test_numbers_are_contiguous_under_threads():
    """Eight threads and a draining one: every number exactly once."""
    target, seen, stop = buffer(100_000), [], threading.Event()

    def log() -> None:
        for _ in range(2_000):
            put(target)

    def drain() -> None:
        while not stop.is_set():
            seen.extend(target.drain())

    threads = [threading.Thread(target=log) for _ in range(8)]
    drainer = threading.Thread(target=drain)
    for thread in (*threads, drainer):
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    drainer.join()
    seen.extend(target.drain())
    assert sorted(e.sequence for e in seen) == list(range(1, 16_001))


def test_events_leave_in_order_of_time_whatever_their_severity():
    """Severity decides who is dropped, not who is first."""
    target = buffer()
    put(target, "a", time_ns=1, severity=20)
    put(target, "b", time_ns=2, severity=50)
    put(target, "c", time_ns=3, severity=10)
    assert [e.event for e in target.drain()] == ["a", "b", "c"]


def test_a_full_buffer_evicts_the_oldest_of_the_lowest_severity():
    """An error outlives a debug line; what went is known by number."""
    target = buffer(3)
    put(target, "info 1", severity=20)
    put(target, "debug 2", severity=10)
    put(target, "debug 3", severity=10)
    put(target, "error 4", severity=40)
    put(target, "error 5", severity=40)
    put(target, "error 6", severity=40)
    put(target, "info 7", severity=20)
    assert [e.event for e in target.drain()] == ["error 4", "error 5", "error 6"]
    assert target.take_drops() == {"order": ([1, 2, 3, 7], 20)}
    assert target.take_drops() == {}


@pytest.mark.parametrize("severity", [-10, 0, 7, 25, 50, 60, 1_000])
def test_any_severity_has_a_place(severity: int):
    """The standard library allows any number for a level."""
    target = buffer(1)
    put(target, severity=severity)
    put(target, severity=severity)
    assert len(list(target.drain())) + len(target.take_drops()["order"][0]) == 2


def test_the_flusher_is_woken_when_a_batch_is_full():
    """A burst is taken along before the interval ends."""
    woken = []
    target = buffer(wake=lambda: woken.append(True), wake_at=3)
    for _ in range(5):
        put(target)
    assert woken == [True]


def test_logging_inside_logging_does_not_deadlock():
    """A signal handler or a finaliser may log while this very thread appends."""
    target = buffer()
    with target.lock:
        put(target)
    assert len(target) == 1


def test_a_signal_handler_that_logs_gets_numbers_of_its_own():
    """It interrupts the numbering itself, in the same thread, which holds the lock: no number is given twice."""
    target = buffer(1_000_000)
    former = signal.signal(signal.SIGALRM, lambda *_: put(target, "in the handler"))
    signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
    try:
        for _ in range(50_000):
            put(target)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
    numbers = [event.sequence for event in target.drain()]
    assert len(numbers) > 50_000
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_the_caller_never_waits_for_a_full_buffer():
    """20,000 events into a full buffer that nobody drains take no longer than into an empty one."""
    target = buffer(100)
    started = time.process_time()
    for _ in range(20_000):
        put(target)
    assert time.process_time() - started < 2
    assert len(target) == 100
    assert len(target.take_drops()["order"][0]) == 19_900


def test_what_may_change_is_copied():
    """A later change to the caller's objects does not reach the event."""
    target, cart = buffer(), {"lines": [1]}
    put(target, cart=cart)
    cart["lines"].append(2)
    assert next(target.drain()).fields == {"cart": {"lines": [1]}}
