"""A plan, a way back or an outcome for people to read, and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from logging_pipeline.kibana.backups import Backup
from logging_pipeline.kibana.client import DEFAULT_SPACE
from logging_pipeline.kibana.comparison import Difference
from logging_pipeline.kibana.rollback import WayBack
from logging_pipeline.kibana.saved_objects import Key
from logging_pipeline.kibana.survey import Plan
from logging_pipeline.kibana.targets import DEFAULT_TARGET
from logging_pipeline.kibana.writing import Outcome

__all__ = ["as_json", "differences", "outcome", "outcome_as_json", "plan", "way_back"]

MAX_CHANGES = 20  # of one object; the page and --json have them all


def plan(found: Plan) -> Iterator[str]:
    """What an import would change."""
    yield from differences(found.differences)
    for reference, who in found.missing:
        yield f"missing  {reference}, to which {who} refers"


def way_back(found: WayBack) -> Iterator[str]:
    """What a rollback would do."""
    yield from differences(found.differences)
    yield from (f"remove   {key.type:<13} {key.id}" for key in found.removals)
    yield from (f"keep     {key.type:<13} {key.id}: {who} refers to it" for key, who in found.kept)


def differences(found: Sequence[Difference]) -> Iterator[str]:
    """New and changed objects a line each, with what changes inside; of the rest how many."""
    for each in found:
        if each.state == "same":
            continue
        stored = f" (there: {each.stored_as})" if each.stored_as != each.key.id else ""
        yield f'{each.state:<8} {each.key.type:<13} {each.key.id}{stored} "{each.title}"'
        yield from (f"           {change}" for change in each.changes[:MAX_CHANGES])
        if len(each.changes) > MAX_CHANGES:
            yield f"           and {len(each.changes) - MAX_CHANGES} more; see --json"
    same = sum(each.state == "same" for each in found)
    if same:
        yield f"same     {same} object{'s' if same > 1 else ''}"


def outcome(done: Outcome) -> Iterator[str]:
    """What was done, and how to undo it."""
    if done.backup is None:
        yield "Nothing to do."
        return
    yield from done.notes
    end = "Done" if done.well else "Not done"
    yield f"{end}. Undo with: logpipe kibana rollback {done.backup.id}{_where(done.backup)}"


def _where(backup: Backup) -> str:
    target = f" --target {backup.target}" if backup.target != DEFAULT_TARGET else ""
    return target + (f" --space {backup.space}" if backup.space != DEFAULT_SPACE else "")


def as_json(found: Iterable[Difference]) -> list[dict[str, Any]]:
    """Every difference, whole."""
    return [{**asdict(each), "key": str(each.key)} for each in found]


def outcome_as_json(done: Outcome) -> dict[str, Any]:
    """What was done."""
    return {
        "well": done.well,
        "backup": done.backup.id if done.backup else None,
        "failures": [str(each) for each in done.failures],
        "removed": [str(Key(*each)) for each in done.removed],
        "remaining": as_json(done.remaining),
        "warnings": list(done.warnings),
    }
