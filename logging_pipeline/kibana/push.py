"""Import what differs, after a backup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from logging_pipeline.errors import KibanaError
from logging_pipeline.kibana.backups import Backups
from logging_pipeline.kibana.client import Kibana
from logging_pipeline.kibana.saved_objects import Key, SavedObject, key_of
from logging_pipeline.kibana.survey import Plan, survey
from logging_pipeline.kibana.writing import Outcome, changed_meanwhile, import_and_look

__all__ = ["push"]


def push(
    kibana: Kibana,
    backups: Backups,
    objects: Sequence[SavedObject],
    *,
    digest: str,
    by: str,
    chosen: Mapping[Key, str] | None = None,
    ignore_missing: bool = False,
) -> Outcome:
    """
    Write those of *objects* that are new or changed; never any other.

    Args:
        digest: of the plan that was shown; a space that has changed since is left alone.
        chosen: the id to replace, for objects of which several in the space could be.
        ignore_missing: import objects that refer to what is not there.

    Raises:
        KibanaError: refused, unanswered, or changed meanwhile.
    """
    with backups.writing():
        plan = survey(kibana, objects, chosen)
        if plan.digest != digest:
            raise changed_meanwhile()
        if plan.missing and not ignore_missing:
            reference, who = plan.missing[0]
            raise KibanaError(
                f"{who} refers to {reference}, which is neither in the file nor in the space",
                "Export with related objects, or import all the same with --ignore-missing",
            )
        if not plan.pending:
            return Outcome(None)
        return _write(kibana, backups, plan, by, chosen, ignore_missing)


def _write(
    kibana: Kibana, backups: Backups, plan: Plan, by: str, chosen: Mapping[Key, str] | None, ignore_missing: bool
) -> Outcome:
    touched = [Key(each.key.type, each.stored_as) for each in plan.pending if each.state == "changed"]
    sent = _sent(plan)
    backup = backups.prepare(
        kibana.export(touched, deep=True),
        sent,
        touched=touched,
        created=[each.key for each in plan.pending if each.state == "new"],
        reason="push",
        by=by,
        kibana=plan.kibana,
    )
    renamed = {key: place for key, place in plan.places.renamed.items() if key in {each.key for each in plan.pending}}
    answer, created = import_and_look(
        kibana, backups, backup, sent, listed=plan.listed, renamed=renamed, ignore_missing=ignore_missing
    )
    remaining = survey(kibana, plan.objects, chosen).pending
    outcome = Outcome(backup, answer.failures, remaining, warnings=answer.warnings)
    return replace(outcome, backup=backups.finish(backup, created=created, well=outcome.well, notes=outcome.notes))


def _sent(plan: Plan) -> list[SavedObject]:
    """What is pending; what it refers to and is not sent along is named as the space calls it."""
    pending = {each.key for each in plan.pending}
    sent = []
    for each in plan.objects:
        if key_of(each) in pending:
            references = [_as_stored(reference, plan, pending) for reference in each.get("references") or ()]
            sent.append({**each, "references": references})
    return sent


def _as_stored(reference: dict[str, str], plan: Plan, pending: set[Key]) -> dict[str, str]:
    key = key_of(reference)
    if key in pending or key not in plan.places.renamed:
        return reference
    return {**reference, "id": plan.places.renamed[key]}
