"""What people decide about groups of errors, and in what state a group is by that; each decision is an audit event."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import router, transaction
from django.http import HttpRequest
from django.utils import timezone

from logging_pipeline.console.access import viewer
from logging_pipeline.console.audit import told_after
from logging_pipeline.console.decision import MAX_KEY_CHARS, MAX_NAME_CHARS, MAX_RELEASE_CHARS, Decision
from logging_pipeline.console.error_groups import ErrorGroup
from logging_pipeline.console.problems import BadParameter

__all__ = ["STATES", "Judged", "ignore", "judge", "judged", "reopen", "resolve"]

STATES = ("open", "came back", "resolved", "ignored")

LastFailures = Callable[[Sequence[str], datetime], Mapping[str, Mapping[str, datetime]]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A group with the last decision about it, and its state: one of `STATES`."""

    group: ErrorGroup
    decision: Decision | None
    state: str


def judged(group: ErrorGroup) -> Judged:
    """*group* with its decision."""
    decision = Decision.objects.filter(key=group.key).first()
    return Judged(group, decision, _state(decision, group.releases))


def judge(keys: Sequence[str], last_failures: LastFailures) -> dict[str, tuple[Decision | None, str]]:
    """
    The decision about each of the groups *keys*, and its state.

    Args:
        last_failures: asked once, and only for groups that somebody resolved: when each release failed last, as far
            as that is after the time given.
    """
    decisions = Decision.objects.in_bulk(keys, field_name="key")
    resolved = {key: found.at for key, found in decisions.items() if found.kind == Decision.Kind.RESOLVED}
    failed = last_failures([*resolved], min(resolved.values())) if resolved else {}
    return {key: (decisions.get(key), _state(decisions.get(key), failed.get(key, {}))) for key in keys}


def resolve(request: HttpRequest, group: ErrorGroup, release: str) -> None:
    """
    Mark *group* as resolved, in *release* if that is said; a later event brings it back.

    Raises:
        BadParameter: what is given is no name of a release.
    """
    release = release.strip()
    if len(release) > MAX_RELEASE_CHARS or not release.isprintable():
        raise BadParameter("release", "this is no release", f"Give at most {MAX_RELEASE_CHARS} characters, or none")
    _decide(request, group, Decision.Kind.RESOLVED, "audit.error_resolved", release)


def ignore(request: HttpRequest, group: ErrorGroup) -> None:
    """Put *group* aside until somebody reopens it."""
    _decide(request, group, Decision.Kind.IGNORED, "audit.error_ignored")


def reopen(group: ErrorGroup) -> None:
    """Take the decision about *group* back."""
    with _transaction():
        Decision.objects.filter(key=group.key).delete()
        _audit("audit.error_reopened", group)


def _state(decision: Decision | None, last_seen: Mapping[str, datetime]) -> str:
    if decision is None:
        return "open"
    return "came back" if decision.came_back(last_seen) else str(decision.kind)


def _decide(request: HttpRequest, group: ErrorGroup, kind: str, event: str, release: str = "") -> None:
    if len(group.key) > MAX_KEY_CHARS:
        raise BadParameter(
            "id", "this group's key is not one of the library's", f"It has at most {MAX_KEY_CHARS} characters"
        )
    decision = {
        "kind": kind,
        "by_id": request.user.pk,
        "by_name": viewer(request).get_username()[:MAX_NAME_CHARS],
        "at": timezone.now(),
        "release": release,
        "older_releases": sorted(group.releases),
    }
    with _transaction():
        Decision.objects.update_or_create(key=group.key, defaults=decision)
        _audit(event, group, **({"release": release} if release else {}))


def _transaction() -> transaction.Atomic:
    return transaction.atomic(using=router.db_for_write(Decision))


def _audit(event: str, group: ErrorGroup, **more: str) -> None:
    told_after(Decision, event, object_type="error_group", object_id=group.key, **more)
