"""How many may watch at once in this process, in all and each: every tail costs it processor time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from logging_pipeline import metrics

__all__ = ["NoSeat", "Seats"]


class NoSeat(Exception):
    """Too many tails are open; its text says whose and what to do."""


class Seats:
    """Used on the event loop alone."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    def check(self, who: str, *, in_all: int, each: int) -> None:
        """
        Whether *who* may open one more.

        Raises:
            NoSeat: no.
        """
        if self._taken[who] >= each:
            raise NoSeat(f"You have {each} live tails open, as many as one account may. Close one of them.")
        if self._taken.total() >= in_all:
            raise NoSeat(f"All {in_all} live tails of this server are in use. Try again when somebody has left.")

    @contextmanager
    def take(self, who: str, *, in_all: int, each: int) -> Iterator[None]:
        """
        Have one more while the context lasts.

        Raises:
            NoSeat: there is none.
        """
        self.check(who, in_all=in_all, each=each)
        self._taken[who] += 1
        metrics.TAILS.inc()
        try:
            yield
        finally:
            metrics.TAILS.dec()
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]
