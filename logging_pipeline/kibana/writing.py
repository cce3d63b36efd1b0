"""
One import into a space, as Kibana's own page does it: ask, look at the conflicts, resolve them.

First without overwriting: when something is there already Kibana writes nothing and names it. What the plan foresees is
then resolved, object by object; anything else means that the space has changed since the backup was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from logging_pipeline.errors import KibanaError
from logging_pipeline.kibana.admission import TYPES
from logging_pipeline.kibana.backups import Backup, Backups
from logging_pipeline.kibana.client import Kibana
from logging_pipeline.kibana.comparison import Difference
from logging_pipeline.kibana.import_answer import Failure, ImportAnswer
from logging_pipeline.kibana.saved_objects import Key, SavedObject, key_of

__all__ = ["Outcome", "changed_meanwhile", "import_and_look", "made_by"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What was done.

    Args:
        backup: what a rollback needs; None when there was nothing to do.
        failures: objects that Kibana did not take, with its reasons.
        remaining: what still differs, seen by looking again.
        removed: objects that were deleted.
        warnings: what Kibana wants people to know.
    """

    backup: Backup | None
    failures: tuple[Failure, ...] = ()
    remaining: tuple[Difference, ...] = ()
    removed: tuple[Key, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to say about it, a line each."""
        failed = [f"failed: {each}" for each in self.failures]
        removed = [f"removed: {each}" for each in self.removed]
        left = [f"{each.key}: {_afterwards(each)}" for each in self.remaining]
        return (*failed, *removed, *left, *(f"Kibana says: {each}" for each in self.warnings))

    @property
    def well(self) -> bool:
        """Every object was taken, and is there; it may be kept in another form than it was sent in."""
        return not self.failures and all(each.state != "new" for each in self.remaining)


def _afterwards(each: Difference) -> str:
    if each.state == "new":
        return "is not there"
    places = ", ".join(change.where for change in each.changes[:3])
    return f"Kibana keeps it otherwise than it was sent, at {places}"


def changed_meanwhile() -> KibanaError:
    """The space is not as it was when the difference was shown."""
    return KibanaError("The space has changed since the difference was shown", "Look at the difference again")


def import_and_look(
    kibana: Kibana,
    backups: Backups,
    backup: Backup,
    objects: Sequence[SavedObject],
    *,
    listed: frozenset[Key],
    renamed: Mapping[Key, str],
    ignore_missing: bool = False,
) -> tuple[ImportAnswer, tuple[Key, ...]]:
    """
    Import *objects* and find out which ones are new in the space.

    Args:
        listed: what was there before; these alone are overwritten.
        renamed: ids to replace, where they are not the object's own.

    Raises:
        KibanaError: it refused, did not answer or holds something else by now; *backup* has what a rollback needs.
    """
    try:
        answer = kibana.import_(objects)
        if not answer.success and _foreseen(answer, listed, renamed, ignore_missing):
            answer = kibana.resolve(objects, _retries(objects, listed, renamed, ignore_missing))
    except KibanaError as error:
        backups.finish(backup, created=_made(kibana, backup, listed), well=False, notes=[str(error)])
        raise
    return answer, _made(kibana, backup, listed)


def made_by(backup: Backup, found: Sequence[Mapping[str, Any]]) -> tuple[Key, ...]:
    """Of the objects *found* in the space those that *backup* says were new; by origin where Kibana chose the id."""
    touched = set(backup.touched)
    new = set(backup.created)
    return tuple(
        key
        for each in found
        if (key := key_of(each)) not in touched
        and (key in new or Key(key.type, str(each.get("originId") or key.id)) in new)
    )


def _made(kibana: Kibana, backup: Backup, listed: frozenset[Key]) -> tuple[Key, ...]:
    try:
        now = kibana.found(TYPES)
    except KibanaError:
        return backup.created
    return tuple(key for key in made_by(backup, now) if key not in listed)


def _foreseen(answer: ImportAnswer, listed: frozenset[Key], renamed: Mapping[Key, str], ignore_missing: bool) -> bool:
    """Whether every failure can be resolved as planned."""
    for each in answer.failures:
        place = Key(each.key.type, renamed.get(each.key, each.key.id))
        if each.reason in ("conflict", "ambiguous_conflict"):
            if place not in listed or (each.destinations and place.id not in each.destinations):
                raise changed_meanwhile()
        elif not (each.reason == "missing_references" and ignore_missing):
            return False
    return bool(answer.failures)


def _retries(
    objects: Sequence[SavedObject], listed: frozenset[Key], renamed: Mapping[Key, str], ignore_missing: bool
) -> list[dict[str, Any]]:
    found = []
    for each in objects:
        key = key_of(each)
        retry: dict[str, Any] = {"type": key.type, "id": key.id, "replaceReferences": []}
        retry["overwrite"] = Key(key.type, renamed.get(key, key.id)) in listed
        if key in renamed:
            retry["destinationId"] = renamed[key]
        if ignore_missing:
            retry["ignoreMissingReferences"] = True
        found.append(retry)
    return found
