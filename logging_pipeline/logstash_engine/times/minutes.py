"""
Remembers minutes: of two dates that differ in nothing but the second, the later one is read without its pattern.

Logs have many events a minute, and what has been read once costs two looks into tables.
"""

from __future__ import annotations

from logging_pipeline.logstash_engine.events.timestamp import SECONDS, Timestamp

__all__ = ["Minutes"]

_MOST = 4096
_SECOND = slice(17, 19)  # of the text of a timestamp whose year has four digits


class Minutes:
    """Timestamps by what stands before and after the second of the texts that they were read from."""

    __slots__ = ("_at", "_known")

    def __init__(self) -> None:
        self._at = 0  # where the second stood last time
        self._known: dict[tuple[str, str], tuple[str, str]] = {}

    def find(self, text: str) -> Timestamp | None:
        """The timestamp of *text*; None if its minute is not known."""
        at = self._at
        known = self._known.get((text[:at], text[at + 2 :]))
        if known is None:
            return None
        second = text[at : at + 2]
        return Timestamp(f"{known[0]}{second}{known[1]}") if second in SECONDS else None

    def remember(self, text: str, at: int, timestamp: Timestamp) -> None:
        """*timestamp* was read from *text*, the two digits of whose second stand at the position *at*."""
        after, written = text[at + 2 :], timestamp.text
        if text[max(at - 1, 0) : at].isdigit() or after[:1].isdigit() or written[4] != "-":
            return
        second = text[at : at + 2]
        if second in SECONDS and second == written[_SECOND]:
            if len(self._known) >= _MOST:
                del self._known[next(iter(self._known))]
            self._at = at
            self._known[text[:at], after] = written[: _SECOND.start], written[_SECOND.stop :]
