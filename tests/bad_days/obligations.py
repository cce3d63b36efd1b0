"""
The harness' own record of what was logged, and the judgement over it.

A program writes down every event that it logs, and up to which one the pipeline has acknowledged: `Producer.flush` or
`close` came back in time. An acknowledged event is an obligation: it must be stored once, or the ledger or a dead
letter must name it. The record knows nothing of the pipeline's numbers; it counts by itself.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from logging_pipeline import ranges
from logging_pipeline.ranges import Ranges

__all__ = ["Copy", "Obligation", "Record", "Verdict", "judge", "read"]

Key = tuple[str, str]
"""A producer's ``agent.ephemeral_id`` and a category."""


class Record:
    """
    The record of one process: a text file, every line of it in the kernel's hands when the call returns.

    Lines: ``producer <emitter> <ephemeral id>``, ``said <name> <category>``, ``acknowledged <how many> <time>``.
    """

    def __init__(self, path: Path, emitter: str, producer: str) -> None:
        self.said = 0
        self._emitter = emitter
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._write(f"producer {emitter} {producer}")

    def say(self, event: str) -> str:
        """Write down that *event* will be logged now; the name to log it under."""
        self.said += 1
        name = f"{self._emitter}.{self.said}"
        self._write(f"said {name} {event.partition('.')[0] if '.' in event else 'system'}")
        return name

    def acknowledge(self, up_to: int | None = None) -> None:
        """The pipeline has taken over the first *up_to* events; None: all."""
        self._write(f"acknowledged {self.said if up_to is None else up_to} {time.monotonic()}")

    def _write(self, line: str) -> None:
        os.write(self._descriptor, f"{line}\n".encode())


class Obligation(NamedTuple):
    """
    One event that was logged.

    Args:
        number: which of its producer's events of its category it is, counted here.
        acknowledged_at: by the monotonic clock; None: nobody promised anything.
    """

    name: str
    key: Key
    number: int
    acknowledged_at: float | None


def read(path: Path) -> list[Obligation]:
    """What the record at *path* tells; a last line that was cut by a kill tells nothing."""
    producer, said, moments = "", [], []
    counts: dict[str, int] = defaultdict(int)
    for line in path.read_text().split("\n")[:-1]:
        what, *words = line.split(" ")
        if what == "producer":
            producer = words[1]
        elif what == "said":
            counts[words[1]] += 1
            said.append((words[0], (producer, words[1]), counts[words[1]]))
        else:
            moments.append((int(words[0]), float(words[1])))
    found, done = [], 0
    for up_to, moment in moments:
        found += [Obligation(*event, moment) for event in said[done:up_to]]
        done = max(done, up_to)
    return found + [Obligation(*event, None) for event in said[done:]]


class Copy(NamedTuple):
    """A stored document: the name that the harness gave its event, and what the pipeline made of it."""

    name: str
    key: Key
    number: int
    is_dead_letter: bool = False


@dataclass
class Verdict:
    """What became of the obligations; numbers by producer and category where they must agree with reconcile."""

    said: int = 0
    stored: int = 0
    dead_lettered: int = 0
    dropped: int = 0
    died_in_memory: dict[Key, Ranges] = field(default_factory=dict)
    broken: list[Obligation] = field(default_factory=list)
    excused: list[Obligation] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    altered: list[Copy] = field(default_factory=list)
    strange: list[Copy] = field(default_factory=list)

    @property
    def lost(self) -> dict[Key, Ranges]:
        """The numbers that are nowhere, whether that was allowed or not."""
        gone = [(key, number) for key, spans in self.died_in_memory.items() for number in _each(spans)]
        gone += [(obligation.key, obligation.number) for obligation in (*self.broken, *self.excused)]
        return _by_key(gone)

    @property
    def wrong(self) -> dict[str, list[Any]]:
        """What no day allows, by the name of its kind."""
        return {name: found for name in ("broken", "doubled", "altered", "strange") if (found := getattr(self, name))}

    @property
    def kept(self) -> bool:
        """Whether every obligation was met, and nothing else is stored."""
        return not self.wrong


def judge(
    obligations: Iterable[Obligation],
    copies: Sequence[Copy],
    dropped: Mapping[Key, Ranges],
    excuses: Sequence[tuple[float, float]] = (),
) -> Verdict:
    """
    Hold the *obligations* against what is stored.

    Args:
        copies: every document of these producers, dead letters among them.
        dropped: what the ledger says was left out on purpose.
        excuses: spans of the monotonic clock; what was acknowledged within one may have died with a killed server.
    """
    verdict = Verdict()
    places: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        places[copy.name].append(copy)
    gone: list[tuple[Key, int]] = []
    for obligation in obligations:
        verdict.said += 1
        found = places.pop(obligation.name, [])
        verdict.altered += [copy for copy in found if (copy.key, copy.number) != (obligation.key, obligation.number)]
        if len(found) > 1:
            verdict.doubled.append(obligation.name)
        if found:
            verdict.dead_lettered += found[0].is_dead_letter
            verdict.stored += not found[0].is_dead_letter
        elif ranges.intersect([(obligation.number, obligation.number)], dropped.get(obligation.key, [])):
            verdict.dropped += 1
        elif obligation.acknowledged_at is None:
            gone.append((obligation.key, obligation.number))
        elif any(start <= obligation.acknowledged_at <= end for start, end in excuses):
            verdict.excused.append(obligation)
        else:
            verdict.broken.append(obligation)
    verdict.died_in_memory = _by_key(gone)
    verdict.strange = [copy for found in places.values() for copy in found]
    return verdict


def _by_key(numbers: Iterable[tuple[Key, int]]) -> dict[Key, Ranges]:
    found: dict[Key, list[int]] = defaultdict(list)
    for key, number in numbers:
        found[key].append(number)
    return {key: ranges.of(sorted(given)) for key, given in found.items()}


def _each(spans: Ranges) -> Iterable[int]:
    for first, last in spans:
        yield from range(first, last + 1)
