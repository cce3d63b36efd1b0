"""The twelve stages as a picture: what each does just now, where that is known from, and whether all is well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from logging_pipeline.accounting.doctor import Finding, Verdict
from logging_pipeline.console.pipeline.stored import WINDOW, Lag, Stored
from logging_pipeline.console.pipeline.waiting import InRedis, OnDisk
from logging_pipeline.settings import Settings

__all__ = ["Figure", "Place", "Stage", "places"]

SLOW = timedelta(seconds=60)  # on the way, when it is no hiccup any more; as `doctor` has it
PACKED_SLOWLY = timedelta(seconds=10)  # many times the flush interval

State = Literal["ok", "warning", "failure", "unknown"]

_WORSE: tuple[State, ...] = ("unknown", "ok", "warning", "failure")


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One number of a stage.

    Args:
        value: a count, a duration, a rate (a `float`, events a second), or words; None: not known.
        what: it is.
        source: where it is known from.
    """

    value: int | float | timedelta | str | None
    what: str
    source: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the twelve; *why* says what is wrong when it is."""

    number: int
    name: str
    does: str
    figures: tuple[Figure, ...]
    state: State = "ok"
    why: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Stages that run in one kind of process."""

    name: str
    stages: tuple[Stage, ...]


ES = "Elasticsearch, last 5 minutes"
NEWEST = "Elasticsearch, newest events"
REDIS = "Redis, now"
DISK = "this machine's disk"
METRICS = "not seen from here: /metrics of each process"


def places(
    settings: Settings,
    *,
    stored: Stored | None,
    redis: InRedis | None,
    disk: OnDisk | None,
    findings: Sequence[Finding] = (),
) -> tuple[Place, ...]:
    """
    The picture. What could not be asked is None, and its stages are unknown.

    Args:
        findings: what `doctor` says of each hop counts for the stage behind which it lies.
    """
    return (
        Place("The process that logs", tuple(_logging(stored, settings, redis, disk, findings))),
        Place("Log worker (Celery)", (_streaming(redis, findings),)),
        Place("Consumer, or Logstash", tuple(_consuming(stored, redis, findings))),
    )


def _logging(
    stored: Stored | None,
    settings: Settings,
    redis: InRedis | None,
    disk: OnDisk | None,
    findings: Sequence[Finding],
) -> Iterable[Stage]:
    known = _known(stored)
    traced = stored.traced if stored else None
    yield Stage(
        1,
        "bind",
        "joins request, user, trace",
        (Figure(None if traced is None else f"{traced:.0%}", "know their request or task", NEWEST),),
        known,
    )
    yield Stage(
        2,
        "classify",
        "finds the category",
        (Figure(stored.system if stored else None, "in the category system, which takes the rest", ES),),
        known,
    )
    dropped = next((reason.count for reason in stored.dropped if reason.name == "buffer_full"), 0) if stored else 0
    yield Stage(
        3,
        "collect",
        "numbers and buffers",
        (
            Figure(_rate(stored.logged) if stored else None, "logged", ES),
            Figure(dropped if stored else None, "dropped, the buffer being full", "ledger, last 24 hours"),
        ),
        *((known, "") if not dropped else ("warning", "Buffers were full: see what was dropped below")),
    )
    yield Stage(
        4,
        "enforce",
        "holds to the field contract",
        (Figure(stored.labelled if stored else None, "with values that the contract does not name", ES),),
        known,
    )
    yield Stage(
        5,
        "mask",
        "removes personal data and secrets",
        (Figure("always", "before anything leaves the process", METRICS),),
        known,
    )
    slow = stored.to_pack if stored and stored.to_pack and stored.to_pack.p95 > PACKED_SLOWLY else None
    yield Stage(
        6,
        "pack",
        "encodes and seals batches",
        (
            Figure(_rate(stored.packed) if stored else None, "packed", ES),
            *_lag(stored.to_pack if stored else None, "in memory"),
        ),
        *((known, "") if not slow else ("warning", "Events wait long in memory: the processes are too busy to flush")),
    )
    full = redis is not None and redis.events + redis.batches * settings.batch_max_events > settings.high_water_events
    yield _judged(
        Stage(
            7,
            "ship",
            "hands batches to the broker",
            (
                Figure(redis.batches if redis else None, "batches wait in the queue", REDIS),
                Figure(_share(redis) if redis else None, "of Redis' memory used", REDIS),
            ),
            "unknown" if redis is None else "failure" if full else "ok",
            "Above the high-water mark: producers keep their events on disk" if full else "",
        ),
        findings,
        ("redis", "settings"),
    )
    yield _judged(
        Stage(
            8,
            "spool",
            "keeps batches while the broker is away",
            (
                Figure(disk.batches if disk else None, "batches wait on disk", DISK),
                Figure(_bytes(disk.bytes) if disk else None, "of spool", DISK),
            ),
            "unknown" if disk is None else "ok",
            "This process has no state folder to look at" if disk is None else "",
        ),
        findings,
        ("disk",),
    )


def _streaming(redis: InRedis | None, findings: Sequence[Finding]) -> Stage:
    return _judged(
        Stage(
            9,
            "stream",
            "pushes to lists and channels",
            (Figure(redis.with_worker if redis else None, "batches in workers' hands", REDIS),),
            "unknown" if redis is None else "ok",
        ),
        findings,
        ("worker",),
    )


def _consuming(stored: Stored | None, redis: InRedis | None, findings: Sequence[Finding]) -> Iterable[Stage]:
    overdue = redis is not None and redis.overdue > 0
    yield _judged(
        Stage(
            10,
            "take",
            "leases events",
            (
                Figure(redis.events if redis else None, "events wait in lists", REDIS),
                Figure(redis.in_hand if redis else None, "in consumers' hands", REDIS),
            ),
            "unknown" if redis is None else "warning" if overdue else "ok",
            f"{redis.overdue} leases have ended and wait to be taken over" if redis and overdue else "",
        ),
        findings,
        ("consumer",),
    )
    late = stored.in_all if stored and stored.in_all and stored.in_all.p95 > SLOW else None
    yield Stage(
        11,
        "transform",
        "runs the Logstash filters",
        (
            Figure(_rate(stored.ingested) if stored else None, "through the filters", ES),
            Figure(stored.marked if stored else None, "marked by a filter", ES),
            Figure(sum(r.lately for r in stored.discarded) if stored else None, "put aside", ES),
        ),
        _known(stored),
    )
    refused = sum(reason.lately for reason in stored.dead_letters) if stored else 0
    problems = [
        *(["Events are a minute or more on their way"] if late else []),
        *([f"{refused} refused in the last 5 minutes"] if refused else []),
    ]
    yield _judged(
        Stage(
            12,
            "write",
            "stores, reads each answer",
            (
                *_lag(stored.in_all if stored else None, "from the call to the store"),
                Figure(refused if stored else None, "refused: dead letters", ES),
            ),
            _known(stored) if not problems else "warning",
            "; ".join(problems),
        ),
        findings,
        ("elasticsearch", "outcome"),
    )


def _judged(stage: Stage, findings: Sequence[Finding], hops: tuple[str, ...]) -> Stage:
    """*stage*, as bad as the worst of the findings at its *hops*."""
    worst = max(
        (finding for finding in findings if finding.hop in hops),
        key=lambda finding: _WORSE.index(_STATES[finding.verdict]),
        default=None,
    )
    if worst is None or _WORSE.index(_STATES[worst.verdict]) <= _WORSE.index(stage.state):
        return stage
    if worst.verdict == "ok":
        return stage  # a healthy hop tells nothing of numbers that are missing
    return Stage(stage.number, stage.name, stage.does, stage.figures, _STATES[worst.verdict], worst.problem)


_STATES: dict[Verdict, State] = {"ok": "ok", "warning": "warning", "failure": "failure"}


def _known(stored: Stored | None) -> State:
    return "unknown" if stored is None else "ok"


def _rate(count: int) -> float:
    return count / WINDOW.total_seconds()


def _lag(lag: Lag | None, what: str) -> tuple[Figure, ...]:
    return (Figure(lag.p95, f"{what}, 19 of 20", NEWEST),) if lag else ()


def _share(redis: InRedis) -> str:
    return f"{redis.used_bytes / redis.max_bytes:.0%}" if redis.max_bytes else _bytes(redis.used_bytes)


def _bytes(size: int) -> str:
    value, units = float(size), ["B", "kB", "MB", "GB"]
    while value >= 1000 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.3g} {units[0]}"
