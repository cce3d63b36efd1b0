"""
Bring back what a space held before an import.

Objects that were changed get their former content, objects that were made are removed, unless another one refers to
them by now. The rollback has a backup of its own and can be rolled back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from logging_pipeline.kibana.admission import TYPES
from logging_pipeline.kibana.backups import Backup, Backups
from logging_pipeline.kibana.client import Kibana
from logging_pipeline.kibana.comparison import Difference, compare
from logging_pipeline.kibana.saved_objects import Key, SavedObject, key_of
from logging_pipeline.kibana.survey import digest_of
from logging_pipeline.kibana.writing import Outcome, changed_meanwhile, import_and_look, made_by

__all__ = ["WayBack", "roll_back", "way_back"]

# What refers to others goes first, so that nothing is ever left referring to what is gone.
_ORDER = ("dashboard", "lens", "visualization", "map", "search", "index-pattern", "tag")


@dataclass(frozen=True)
class WayBack:
    """
    What a rollback would do.

    Args:
        differences: objects as they were, held to what there is: ``changed`` and ``new`` are restored.
        removals: objects that the import made and that go.
        kept: objects that it made and that stay, with one that refers to them.
    """

    kibana: str
    backup: Backup
    objects: tuple[SavedObject, ...]
    differences: tuple[Difference, ...]
    removals: tuple[Key, ...]
    kept: tuple[tuple[Key, Key], ...]
    listed: frozenset[Key]

    @property
    def pending(self) -> tuple[Difference, ...]:
        """What is restored."""
        return tuple(each for each in self.differences if each.state != "same")

    @cached_property
    def digest(self) -> str:
        """The same as long as it would do the same."""
        return digest_of(self.objects, self.differences, (self.removals, self.kept))


def way_back(kibana: Kibana, backups: Backups, backup: Backup) -> WayBack:
    """
    Hold what *backup* saved to what the space has.

    Raises:
        KibanaError: it does not answer, or has no such space.
    """
    version = kibana.version()
    kibana.look_for_space()
    found = kibana.found(TYPES)
    listed = frozenset(map(key_of, found))
    touched = set(backup.touched)
    # Of what they refer to only that which is gone: it was saved along, and was not touched.
    objects = tuple(each for each in backups.before(backup) if key_of(each) in touched or key_of(each) not in listed)
    there = sorted({key_of(each) for each in objects} & listed)
    stored = {key_of(each): each for each in kibana.export(there)} if there else {}
    removals, kept = _removals(made_by(backup, found), found)
    return WayBack(version, backup, objects, compare(objects, stored, {}), removals, kept, listed)


def roll_back(kibana: Kibana, backups: Backups, backup: Backup, *, digest: str, by: str) -> Outcome:
    """
    Do what `way_back` shows.

    Raises:
        KibanaError: refused, unanswered, or changed meanwhile.
    """
    with backups.writing():
        way = way_back(kibana, backups, backup)
        if way.digest != digest:
            raise changed_meanwhile()
        if not way.pending and not way.removals:
            return Outcome(None)
        return _write(kibana, backups, way, by)


def _write(kibana: Kibana, backups: Backups, way: WayBack, by: str) -> Outcome:
    touched = [each.key for each in way.pending if each.state == "changed"] + list(way.removals)
    pending = {each.key for each in way.pending}
    sent = [each for each in way.objects if key_of(each) in pending]
    own = backups.prepare(
        kibana.export(touched, deep=True),
        sent,
        touched=touched,
        created=[each.key for each in way.pending if each.state == "new"],
        reason=f"rollback of {way.backup.id}",
        by=by,
        kibana=way.kibana,
    )
    created: tuple[Key, ...] = ()
    warnings: tuple[str, ...] = ()
    if sent:
        answer, created = import_and_look(kibana, backups, own, sent, listed=way.listed, renamed={})
        warnings = answer.warnings
        if answer.failures:  # what is new stays while what it replaced is not back
            failed = Outcome(own, answer.failures, way.pending, warnings=warnings)
            return replace(failed, backup=backups.finish(own, created=created, well=False, notes=failed.notes))
    removed = tuple(key for key in way.removals if kibana.delete(key))
    outcome = Outcome(own, (), way_back(kibana, backups, way.backup).pending, removed, warnings)
    return replace(outcome, backup=backups.finish(own, created=created, well=outcome.well, notes=outcome.notes))


def _removals(
    made: Sequence[Key], found: Sequence[Mapping[str, Any]]
) -> tuple[tuple[Key, ...], tuple[tuple[Key, Key], ...]]:
    """Which of *made* can go: not what something that stays refers to, nor what that refers to in its turn."""
    references = {key_of(each): set(map(key_of, each.get("references") or ())) for each in found}
    going = set(made)
    kept: list[tuple[Key, Key]] = []
    while True:
        held = [(key, who) for who, named in references.items() if who not in going for key in sorted(named & going)]
        if not held:
            order = sorted(going, key=lambda key: (_ORDER.index(key.type) if key.type in _ORDER else -1, key))
            return tuple(order), tuple(kept)
        kept.append(held[0])
        going.discard(held[0][0])
