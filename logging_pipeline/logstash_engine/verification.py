"""Compares what a pipeline gives with what its golden cases expect, and says so for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine.cases import Case, Document, find_cases, run_case
from logging_pipeline.logstash_engine.real_logstash import RealLogstash

__all__ = ["Outcome", "differences", "verify"]

_ABSENT = object()
_SHOWN = 200  # characters of a value
_VARIES = "(varies)"


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    How one case went: *differences* are lines for people, none if it is as expected; *updated* if it was rewritten.
    """

    case: Case
    differences: list[str]
    updated: bool = False

    @property
    def ok(self) -> bool:
        return not self.differences or self.updated


def verify(
    folder: Path, *, update: bool = False, engine: str = "embedded", logstash_home: Path | None = None
) -> Iterator[Outcome]:
    """
    Run every case in *folder*.

    Args:
        update: rewrite ``expected.ndjson`` where it differs.
        engine: ``embedded``, or ``logstash`` for a real one in *logstash_home*.

    Raises:
        LogstashConfigError: there is no case, or no Logstash.
    """
    if engine not in ("embedded", "logstash"):
        raise LogstashConfigError(f"there is no engine {engine!r}, only embedded and logstash")
    if engine == "logstash" and logstash_home is None:
        raise LogstashConfigError("the engine logstash needs the folder where it is installed (--logstash-home)")
    run: Callable[[Case], list[Document]] = run_case if logstash_home is None else RealLogstash(logstash_home).run
    for case in find_cases(folder):
        yield _verify_case(case, run, update=update)


def _verify_case(case: Case, run: Callable[[Case], list[Document]], *, update: bool) -> Outcome:
    try:
        got = run(case)
        expected = case.expected()
    except (LogstashConfigError, ValueError) as error:
        return Outcome(case, [str(error)])
    found = differences(got, expected, case.varies)
    if not found or not update:
        return Outcome(case, found)
    lines = [json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n" for event in got]
    case.expected_file.write_text("".join(lines), "utf-8")
    return Outcome(case, found, updated=True)


def differences(got: list[Document], expected: list[Document], varies: tuple[str, ...] = ()) -> list[str]:
    """Lines that say where *got* differs from *expected*, event by event and field by field."""
    lines: list[str] = []
    if len(got) != len(expected):
        lines.append(f"{len(expected)} events were expected, {len(got)} came out")
    for number, (one, other) in enumerate(zip(got, expected, strict=False), 1):
        lines += _event_differences(number, _masked(one, varies), _masked(other, varies))
    lines += [f"event {number} is missing: {_shown(event)}" for number, event in _beyond(expected, got)]
    lines += [f"event {number} is one too many: {_shown(event)}" for number, event in _beyond(got, expected)]
    return lines


def _beyond(longer: list[Document], shorter: list[Document]) -> list[tuple[int, Document]]:
    return list(enumerate(longer, 1))[len(shorter) :]


def _event_differences(number: int, got: Document, expected: Document) -> list[str]:
    lines = []
    for name, value, wanted in _fields(got, expected, ""):
        if value is _ABSENT:
            lines.append(f"event {number} {name}: expected {_shown(wanted)}, is missing")
        elif wanted is _ABSENT:
            lines.append(f"event {number} {name}: not expected, is {_shown(value)}")
        else:
            lines.append(f"event {number} {name}: expected {_shown(wanted)}, is {_shown(value)}")
    return lines


def _fields(got: Any, expected: Any, name: str) -> Iterator[tuple[str, Any, Any]]:
    """Every field whose values differ; one JSON kind is not another, but 1 and 1.0 are the same number."""
    if isinstance(got, dict) and isinstance(expected, dict):
        for key in sorted(got.keys() | expected.keys()):
            yield from _fields(got.get(key, _ABSENT), expected.get(key, _ABSENT), f"{name}[{key}]")
    elif got is _ABSENT or expected is _ABSENT or not _same(got, expected):
        yield name, got, expected


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    return bool(one == other)


def _masked(event: Document, varies: tuple[str, ...]) -> Document:
    """*event* with the values that vary replaced; a field that is missing stays missing."""
    if not varies:
        return event
    masked: Document = json.loads(json.dumps(event))
    for name in varies:
        *parents, last = name.split(".")
        holder: Any = masked
        for parent in parents:
            holder = holder.get(parent) if isinstance(holder, dict) else None
        if isinstance(holder, dict) and last in holder:
            holder[last] = _VARIES
    return masked


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
