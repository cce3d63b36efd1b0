"""Forks and kills: each process is a producer of its own, and its numbers tell what went with it."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from logging_pipeline.high_water import HighWater
from tests.producer.made import log, until


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
