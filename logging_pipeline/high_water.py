"""The numbers that a producer gives, the last of which is kept where ``kill -9`` does not reach."""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from itertools import count
from pathlib import Path

__all__ = ["HighWater"]

_pack_into = struct.Struct("<Q").pack_into


class HighWater:
    """
    Numbers the events of each category; the last number is in a small memory-mapped file that survives ``kill -9``.

    One slot a category: 32 bytes of name, padded with NUL, and the number as 8 bytes, little-endian.

    Args:
        path: the file, made when the first number is given; ``None`` keeps nothing (no state folder, or it is full).
    """

    SLOTS = 128
    _SLOT = struct.Struct("<32sQ")

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._slots: dict[str, tuple[count[int], int]] = {}  # what counts, and the place of the number in the file
        self._map: mmap.mmap | None = None
        self._descriptor: int | None = None

    def next(self, category: str) -> int:
        """The next number of *category*, from 1, written down before it is used; the caller holds the buffer's lock."""
        slot = self._slots.get(category)
        if slot is None:
            slot = self._claim(category)
        numbers, offset = slot
        number = next(numbers)  # one step: a signal handler that logs may come before or after it, and not in between
        if self._map is not None:
            _pack_into(self._map, offset, number)
        return number

    def close(self, *, remove: bool) -> None:
        """Let go of the file; *remove* it when the ledger has its numbers."""
        self.let_go()
        if remove and self.path is not None:
            self.path.unlink(missing_ok=True)
        self.path = None

    def let_go(self) -> None:
        """Close the file and leave it as it is: in a forked child it is the parent's."""
        if self._map is not None:
            self._map.close()
            self._map = None
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @staticmethod
    def owner_lives(path: Path) -> bool:
        """Whether the producer of the file at *path* still runs: it holds a lock on the file as long as it does."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False

    @classmethod
    def read(cls, path: Path) -> dict[str, int]:
        """The last number of each category, as a producer left them in the file at *path*."""
        found: dict[str, int] = {}
        for name, number in cls._SLOT.iter_unpack(path.read_bytes()):
            if number:
                found[name.rstrip(b"\0").decode("ascii", "replace")] = number
        return found

    def _claim(self, category: str) -> tuple[count[int], int]:
        index = len(self._slots)
        if index == 0 and self.path is not None:
            self._map = self._open(self.path)
        # A contract of more categories than there are slots is refused when it is set up.
        offset = min(index, self.SLOTS - 1) * self._SLOT.size
        if self._map is not None and index < self.SLOTS:
            self._map[offset : offset + 32] = category.encode("ascii", "replace")[:32].ljust(32, b"\0")
        return self._slots.setdefault(category, (count(1), offset + 32))

    def _open(self, path: Path) -> mmap.mmap | None:
        size = self.SLOTS * self._SLOT.size
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            os.posix_fallocate(self._descriptor, 0, size)  # a hole in the file would be SIGBUS on a full disk
            return mmap.mmap(self._descriptor, size)
        except OSError:
            self.path = None
            return None
