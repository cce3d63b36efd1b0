"""What may go wrong in a producer costs no event without a word, and never the code that logs."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from logging_pipeline.entrance import pipeline, replaced
from logging_pipeline.journey.pack import Batch
from logging_pipeline.producer import Producer
from tests.producer.made import log, until


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


def refuse(_thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_a_process_that_has_no_thread_left_tries_again(make, broker, monkeypatch, capsys):
    """Who logs does not hand over by itself, where a broker that hangs would hold it; later there is a flusher."""
    monkeypatch.setattr("logging_pipeline.producer.START_AGAIN_S", 0.05)
    broker.hangs = threading.Event()
    producer = make()
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        log(producer, "a")
        log(producer, "b")
    assert "can't start new thread: events wait in memory" in capsys.readouterr().err
    broker.hangs.set()

    def one_more() -> bool:
        log(producer, "c")
        return broker.texts()[:2] == ["a", "b"]

    until(one_more)


def test_a_process_that_never_gets_a_thread_hands_over_at_its_end(make, broker, monkeypatch):
    """What waits in memory is not lost for that."""
    producer = make()
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        log(producer, "a")
        producer.close()
    assert broker.texts() == ["a"]


def test_a_first_word_after_the_end_is_handed_over(make, broker):
    """A finaliser may log where nothing else ever has."""
    producer = make()
    producer.close()
    log(producer, "x")
    assert broker.texts() == ["x"]
