"""The numbers given, and the last of them where ``kill -9`` does not reach."""

from __future__ import annotations

import os

from logging_pipeline.high_water import HighWater


def test_numbers_are_on_disk_at_once(tmp_path):
    """Read from the file while the producer lives."""
    path = tmp_path / "producers" / "p.numbers"
    high_water = HighWater(path)
    assert [high_water.next(name) for name in ("order", "http", "order", "order")] == [1, 1, 2, 3]
    assert HighWater.read(path) == {"order": 3, "http": 1}
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_producer_that_never_logs_leaves_no_file(tmp_path):
    """The file is made with the first number."""
    HighWater(tmp_path / "p.numbers").close(remove=False)
    assert list(tmp_path.iterdir()) == []


def test_closing_keeps_or_removes_the_file(tmp_path):
    """It is removed when the ledger has its numbers; later numbers cost nothing and raise nothing."""
    for remove in (False, True):
        path = tmp_path / "p.numbers"
        path.unlink(missing_ok=True)
        high_water = HighWater(path)
        high_water.next("order")
        high_water.close(remove=remove)
        assert [high_water.next("order"), high_water.next("http")] == [2, 1]
        assert path.exists() is not remove


def test_without_a_place_to_write_it_goes_on(tmp_path):
    """No state folder: numbers are given all the same."""
    (tmp_path / "file").write_text("not a folder")
    high_water = HighWater(tmp_path / "file" / "p.numbers")
    assert [high_water.next("order"), high_water.next("order")] == [1, 2]
    assert high_water.path is None


def test_more_categories_than_slots_spoil_nothing(tmp_path):
    """Those beyond share the last slot; the others stay right."""
    path = tmp_path / "p.numbers"
    high_water = HighWater(path)
    for number in range(HighWater.SLOTS + 5):
        for count in range(1, number + 2):
            assert high_water.next(f"c{number}") == count
    found = HighWater.read(path)
    assert found["c0"] == 1
    assert found[f"c{HighWater.SLOTS - 2}"] == HighWater.SLOTS - 1


def test_whether_its_producer_lives_is_known_by_a_lock(tmp_path):
    """The lock goes with the process; a forked child lets go of it."""
    path = tmp_path / "p.numbers"
    high_water = HighWater(path)
    high_water.next("order")
    assert HighWater.owner_lives(path)
    if os.fork() == 0:
        high_water.let_go()
        os._exit(0)
    os.wait()
    assert HighWater.owner_lives(path)
    high_water.let_go()
    assert not HighWater.owner_lives(path)
    assert not HighWater.owner_lives(tmp_path / "never.was")
