"""Stage 8: batches wait on disk in order, and outlive their producer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from logging_pipeline.errors import BrokerUnavailable, SpoolFull
from logging_pipeline.journey.pack import Batch
from logging_pipeline.journey.spool import RESERVE_BYTES, SHARE, Spool

ROOM = 1_000_000


def batch(name: str, *, size: int = 1) -> Batch:
    return Batch(name, {"order": b"x" * size}, {"order": [1]})


class Broker:
    """Takes batches until it is told to be away."""

    def __init__(self, takes: int = 1_000) -> None:
        self.ids: list[str] = []
        self._takes = takes

    def __call__(self, batch: Batch) -> None:
        if len(self.ids) >= self._takes:
            raise BrokerUnavailable("away")
        self.ids.append(batch.id)


def spool(root: Path, producer: str = "own", max_bytes: int = ROOM) -> Spool:
    return Spool(root, producer, max_bytes)


def test_batches_come_back_in_order_and_leave_the_disk(tmp_path):
    """First written, first handed over; afterwards nothing is left, not even the folder."""
    own = spool(tmp_path)
    for number in range(12):
        own.keep(batch(f"b{number}"))
    broker = Broker()
    assert own.replay(broker, max_batches=100) == 12
    assert broker.ids == [f"b{number}" for number in range(12)]
    assert (own.batches, own.bytes) == (0, 0)
    own.release()
    assert list(tmp_path.iterdir()) == []


def test_a_batch_that_the_broker_does_not_take_stays_first(tmp_path):
    """The replay stops there and begins there again."""
    own = spool(tmp_path)
    for number in range(4):
        own.keep(batch(f"b{number}"))
    assert own.replay(Broker(takes=2), max_batches=100) == 2
    broker = Broker()
    own.replay(broker, max_batches=100)
    assert broker.ids == ["b2", "b3"]


def test_a_replay_is_cut_into_slices(tmp_path):
    """However much waits, one call hands over no more than it was told."""
    own = spool(tmp_path)
    for number in range(5):
        own.keep(batch(f"b{number}"))
    broker = Broker()
    assert [own.replay(broker, max_batches=2) for _ in range(4)] == [2, 2, 1, 0]
    assert broker.ids == [f"b{number}" for number in range(5)]


def test_what_a_dead_producer_left_is_adopted_first(tmp_path):
    """Its batches are older; its folder goes when it is empty."""
    dead = spool(tmp_path, "dead")
    dead.keep(batch("old"))
    dead.release()
    own = spool(tmp_path)
    own.keep(batch("new"))
    broker = Broker()
    own.replay(broker, max_batches=100)
    assert broker.ids == ["old", "new"]
    assert not (tmp_path / "dead").exists()


def test_a_killed_producer_is_adopted_too(tmp_path):
    """The lock goes with the process, however it ended; half a file is cleared away."""
    code = (
        "import os, sys, pathlib; from tests.journey.test_spool import batch, spool\n"
        "own = spool(pathlib.Path(sys.argv[1]), 'killed'); own.keep(batch('old'))\n"
        "(pathlib.Path(sys.argv[1]) / 'killed' / '9.partial').write_bytes(b'half'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, cwd=Path.cwd())  # our own code
    broker = Broker()
    spool(tmp_path).replay(broker, max_batches=100)
    assert broker.ids == ["old"]
    assert not (tmp_path / "killed").exists()


def test_a_living_producers_folder_is_left_alone(tmp_path):
    """Two processes never hand over the same batch."""
    other = spool(tmp_path, "other")
    other.keep(batch("theirs"))
    broker = Broker()
    assert spool(tmp_path).replay(broker, max_batches=100) == 0
    assert broker.ids == []


def test_a_forked_child_does_not_keep_its_parents_folder_locked(tmp_path):
    """The lock is the parent's: when that dies, its batches are free for adoption."""
    parent = spool(tmp_path, "parent")
    parent.keep(batch("old"))
    lock = os.dup(parent._lock)  # what a fork does to a file descriptor
    parent.release()
    broker = Broker()
    assert spool(tmp_path).replay(broker, max_batches=100) == 0
    child = spool(tmp_path, "parent")
    child._lock = lock
    child.let_go()
    assert spool(tmp_path).replay(broker, max_batches=100) == 1


def test_above_its_limit_nothing_is_taken(tmp_path):
    """The caller is told, and what is there stays."""
    own = spool(tmp_path, max_bytes=300)
    own.keep(batch("first", size=200))
    with pytest.raises(SpoolFull, match="of at most 300 bytes"):
        own.keep(batch("second", size=200))
    broker = Broker()
    own.replay(broker, max_batches=100)
    assert broker.ids == ["first"]
    own.keep(batch("third", size=200))


def test_a_last_word_has_room_of_its_own(tmp_path):
    """A producer that ends can still leave its ledger, which names what found no room."""
    own = spool(tmp_path, max_bytes=300)
    own.keep(batch("first", size=200))
    own.keep(batch("last", size=200), last_word=True)
    with pytest.raises(SpoolFull, match="of at most 300 bytes"):
        own.keep(batch("no end of words", size=RESERVE_BYTES), last_word=True)


def test_the_limit_is_the_machines(tmp_path):
    """What other producers keep counts, of whatever process, alive or dead; what they handed over does not."""
    first, second = spool(tmp_path, "first", max_bytes=500), spool(tmp_path, "second", max_bytes=500)
    first.keep(batch("a", size=200))
    second.keep(batch("b", size=150))
    with pytest.raises(SpoolFull, match=r"holds \d+ of at most 500 bytes"):
        second.keep(batch("c", size=150))
    first.replay(Broker(), max_batches=100)
    second.keep(batch("c", size=150))


def test_many_processes_stay_within_the_limit_together(tmp_path):
    """Eight at once, each with more to keep than all may: alone each would fill the limit, together they do."""
    code = (
        "import pathlib, sys; from logging_pipeline.errors import SpoolFull\n"
        "from tests.journey.test_spool import batch, spool\n"
        "own = spool(pathlib.Path(sys.argv[1]), sys.argv[2], 200_000)\n"
        "try:\n"
        "    while True: own.keep(batch('b', size=1_000))\n"
        "except SpoolFull: pass"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    processes = [subprocess.Popen([*command, str(number)], cwd=Path.cwd()) for number in range(8)]  # our own code
    assert [process.wait() for process in processes] == [0] * 8
    held = sum(path.stat().st_size for path in tmp_path.glob("*/*.batch"))
    assert 198_000 < held <= 200_000 * (1 + 8 / SHARE)


def test_a_folder_that_cannot_be_written_is_said_by_name(tmp_path):
    """A missing volume is a clear complaint, not a crash."""
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(SpoolFull, match=r"file/own: Not a directory"):
        spool(tmp_path / "file").keep(batch("b"))


def test_a_spoilt_file_stands_in_nobodys_way(tmp_path):
    """It is put aside for the doctor; what comes after it goes, and the spool knows that it is empty."""
    own = spool(tmp_path)
    own.keep(batch("b0"))
    next((tmp_path / "own").glob("*.batch")).write_bytes(b"\x93spoilt")
    own.keep(batch("b1"))
    broker = Broker()
    own.replay(broker, max_batches=100)
    own.replay(broker, max_batches=100)
    assert broker.ids == ["b1"]
    assert own.batches == 0
    assert len(list((tmp_path / "own").glob("*.unreadable"))) == 1


def test_what_cannot_be_read_stands_in_nobodys_way(tmp_path):
    """A file or a lock that the disk does not give, or that is no file at all, costs no other batch its turn."""
    (tmp_path / "dead" / ".lock").mkdir(parents=True)
    own = spool(tmp_path)
    own.keep(batch("b0"))
    next((tmp_path / "own").glob("*.batch")).unlink()
    (tmp_path / "own" / "000000000001-1.batch").mkdir()
    own.keep(batch("b1"))
    broker = Broker()
    own.replay(broker, max_batches=100)
    own.replay(broker, max_batches=100)
    assert (broker.ids, own.batches) == (["b1"], 0)


def test_where_nothing_can_be_removed_any_more_each_batch_goes_once(tmp_path, capsys):
    """As on a disk that turned read-only: what stays is not sent again, nor in the way of what comes next."""
    own, broker, folder = spool(tmp_path), Broker(), tmp_path / "own"
    own.keep(batch("b0"))
    own.keep(batch("b1"))
    own.keep(batch("b2"))
    min(folder.glob("*.batch")).write_bytes(b"\x93spoilt")
    frozen = subprocess.run(["chattr", "+i", folder], check=False, capture_output=True)
    if frozen.returncode:
        pytest.skip("only root, and not every file system, can freeze a folder")
    try:
        for _ in range(3):
            own.replay(broker, max_batches=100)
        assert (broker.ids, own.batches) == (["b1", "b2"], 0)
        assert capsys.readouterr().err.count("which is done with, stays: Operation not permitted") == 3
    finally:
        subprocess.run(["chattr", "-i", folder], check=True)
    own.replay(broker, max_batches=100)
    assert broker.ids == ["b1", "b2"]
    assert [path.suffix for path in folder.iterdir() if path.name != ".lock"] == [".unreadable"]


def test_a_folder_that_cannot_be_locked_is_said_by_name(tmp_path):
    """Some network file systems have no locks; the flusher must not wait for one for ever."""
    holder = spool(tmp_path)
    holder.keep(batch("b0"))
    with pytest.raises(SpoolFull, match=r"own: No locks available"):
        spool(tmp_path).keep(batch("b1"))


def test_a_folder_that_was_removed_is_made_again(tmp_path):
    """Whoever cleans the disk may take it from a running process; from then on it spools as before."""
    own = spool(tmp_path / "spool")
    own.keep(batch("b0"))
    shutil.rmtree(tmp_path / "spool")
    own.keep(batch("b1"))
    spool(tmp_path / "spool", "other").replay(nobody := Broker(), max_batches=100)
    own.replay(broker := Broker(), max_batches=100)
    assert (nobody.ids, broker.ids) == ([], ["b1"])
    assert own.batches == 0


def test_a_new_folder_that_was_taken_for_a_dead_ones_is_made_again(tmp_path):
    """Another process may find the folder before it is locked, and remove it as empty."""
    own = spool(tmp_path)
    (tmp_path / "own").mkdir()
    spool(tmp_path, "other").replay(Broker(), max_batches=1)
    assert not (tmp_path / "own").exists()
    own.keep(batch("b"))
    assert own.batches == 1
