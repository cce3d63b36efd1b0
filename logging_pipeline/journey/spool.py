"""
Stage 8 of 12: keep batches on disk while the broker is away, hand them over in order when it is back.

One folder a producer, one file a batch, written under another name and renamed when whole. A folder is locked while its
producer lives; what a dead one left is adopted by any other producer of the same machine.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from logging_pipeline.errors import BrokerUnavailable, SpoolFull
from logging_pipeline.journey.pack import Batch
from logging_pipeline.stderr import complain

__all__ = ["Spool"]

SUFFIX = ".batch"
UNREADABLE = ".unreadable"
PARTIAL = ".partial"
LOCK = ".lock"
LOCK_ATTEMPTS = 100  # a millisecond apart; some network file systems have no locks at all
MEASURE_EVERY_S = 1.0  # reading the folders of a thousand batches takes milliseconds
RESERVE_BYTES = 1_000_000  # beyond the limit, for what producers that end have to say of what found no room
SHARE = 16  # of the room that is left, this part is written before it is measured again


class Spool:
    """
    The spool of one producer.

    Args:
        root: folder of all producers' spools of this machine.
        producer: name of this producer's folder, made with the first batch.
        max_bytes: of all producers' files together; above it nothing more is taken. Producers that write at the same
            time see each other late: each of them may put a sixteenth of the room beyond it.
    """

    def __init__(self, root: Path, producer: str, max_bytes: int) -> None:
        self._root = root
        self._own = root / producer
        self._max_bytes = max_bytes
        self._lock: int | None = None
        self._next = 0
        self._held = 0  # by all, as far as this one knows
        self._unmeasured = 0  # how much it may write before it measures again
        self._measured_at = 0.0
        # What is done with and could not be moved, as on a read-only disk; whether it was unreadable.
        self._settled: dict[Path, bool] = {}
        self.bytes = 0
        self.batches = 0

    def keep(self, batch: Batch, *, last_word: bool = False) -> None:
        """
        Write *batch* to disk.

        Args:
            last_word: it may use the room that is kept for such.

        Raises:
            SpoolFull: the disk or the spool has no room; nothing was written.
        """
        data = batch.to_bytes()
        if len(data) > self._unmeasured or time.monotonic() - self._measured_at > MEASURE_EVERY_S:
            self._measure()
        if self._held + len(data) > self._max_bytes + (RESERVE_BYTES if last_word else 0):
            raise SpoolFull(f"{self._root} holds {self._held} of at most {self._max_bytes} bytes")
        try:
            self._claim()
            self._next += 1
            path = self._own / f"{self._next:012d}-{len(batch)}{SUFFIX}"
            _write_whole(path, data)
        except OSError as error:
            raise SpoolFull(f"{self._own}: {os.strerror(error.errno or errno.EIO)}") from error
        self.bytes += len(data)
        self.batches += 1
        self._held += len(data)
        self._unmeasured -= len(data)

    def replay(self, ship: Callable[[Batch], None], *, max_batches: int) -> int:
        """
        Hand batches over in the order of their writing; those of dead producers first. How many went.

        Stops without an error at the first batch that the broker does not take.
        """
        sent = 0
        for path, unreadable in tuple(self._settled.items()):
            self._settle(path, unreadable=unreadable)
        try:
            for path in self._paths():
                if self._hand_over(path, ship):
                    sent += 1
                if sent == max_batches:
                    break
        except BrokerUnavailable:
            return sent
        return sent

    def release(self) -> None:
        """Give the folder up: empty ones go, others wait for adoption."""
        if self._lock is None:
            return
        if not any(self._own.glob(f"*{SUFFIX}")):
            (self._own / LOCK).unlink(missing_ok=True)
            _remove_empty(self._own)
        os.close(self._lock)
        self._lock = None

    def let_go(self) -> None:
        """Forget the folder and close its lock: they are the parent's, in a forked child, or the folder is gone."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _measure(self) -> None:
        self._measured_at = time.monotonic()
        self._held = sum(map(_bytes_in, _entries(self._root)))
        self._unmeasured = (self._max_bytes - self._held) // SHARE

    def _hand_over(self, path: Path, ship: Callable[[Batch], None]) -> bool:
        try:
            data = path.read_bytes()
            batch = Batch.from_bytes(data)
        except FileNotFoundError:
            return False  # somebody removed it just now
        except (OSError, ValueError):
            self._settle(path, unreadable=True)
            return False
        ship(batch)
        self._settle(path)
        if path.parent == self._own:
            self.bytes -= len(data)
            self.batches -= 1
        return True

    def _settle(self, path: Path, *, unreadable: bool = False) -> None:
        """Remove what was handed over, put aside what is *unreadable*; what the disk refuses is tried again later."""
        try:
            if unreadable:
                path.rename(path.with_suffix(UNREADABLE))  # kept for `logpipe doctor`, which names it
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            if path not in self._settled:
                complain("spool", f"{path}, which is done with, stays: {os.strerror(error.errno or errno.EIO)}")
            self._settled[path] = unreadable
        else:
            self._settled.pop(path, None)

    def _claim(self) -> None:
        """
        Make and lock the folder.

        Again when somebody removed it, or when another producer took the new, empty folder for a dead one's.
        """
        if not self._own.is_dir():
            self.let_go()
        if self._lock is not None:
            return
        for _ in range(LOCK_ATTEMPTS):
            self._own.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = _lock(self._own)
            time.sleep(0.001)
            if self._lock is not None:
                return
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    def _paths(self) -> Iterator[Path]:
        yield from self._orphans()
        if self.batches:
            own = self._waiting(self._own)
            self.batches = len(own)  # what was unreadable, or taken away, is not waited for
            self.bytes = sum(path.stat().st_size for path in own)
            yield from own

    def _waiting(self, folder: Path) -> list[Path]:
        """The batches in *folder* that are not done with, in the order of their writing."""
        return sorted(set(folder.glob(f"*{SUFFIX}")) - self._settled.keys())

    def _orphans(self) -> Iterator[Path]:
        """Batches in folders that nobody has locked; each folder is locked while its batches are handed over."""
        if not self._root.is_dir():
            return
        for folder in sorted(self._root.iterdir()):
            if folder == self._own or not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
                continue
            try:
                lock = _lock(folder)
            except OSError:  # what we cannot lock is not ours to hand over
                continue
            if lock is None:
                continue
            try:
                yield from self._waiting(folder)
                for path in folder.glob(f"*{PARTIAL}"):  # its producer died while it wrote: half a batch is none
                    path.unlink()
                (folder / LOCK).unlink(missing_ok=True)
                _remove_empty(folder)
            finally:
                os.close(lock)


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # not made yet, removed just now, or not ours to see
        return []


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in _entries(folder):
        with suppress(FileNotFoundError):  # handed over just now
            total += path.stat().st_size
    return total


def _lock(folder: Path) -> int | None:
    """A file descriptor that holds the lock of *folder*; ``None`` when somebody else does."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:  # somebody else emptied and removed it just now
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_ino == (folder / LOCK).stat().st_ino:
            return descriptor
    except OSError:  # held by its producer, or removed since it was opened
        os.close(descriptor)
        return None
    os.close(descriptor)
    return None


def _write_whole(path: Path, data: bytes) -> None:
    temporary = path.with_suffix(PARTIAL)
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.ENOENT):
            raise
