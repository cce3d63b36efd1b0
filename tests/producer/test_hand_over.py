"""One process' end of the pipeline: what is logged is numbered and handed over, at its end too."""

from __future__ import annotations

import threading
from pathlib import Path

from logging_pipeline.entrance import install, installed, pipeline, replaced
from tests.producer.made import log, until


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
