"""Saved searches of one viewer: read, saved, renamed, shared, deleted; each change is an audit event."""

from __future__ import annotations

from django.db import router, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from logging_pipeline.console.audit import told_after
from logging_pipeline.console.problems import BadParameter
from logging_pipeline.console.saved_search import MAX_NAME_CHARS, MAX_STATE_CHARS, SavedSearch
from logging_pipeline.console.search import Search
from logging_pipeline.contract import contract
from logging_pipeline.dashboards.unseen import code

__all__ = ["delete", "rename", "save", "searches_of", "share"]

MAX_SEARCHES = 100  # of one person


def searches_of(request: HttpRequest) -> QuerySet[SavedSearch]:
    """The viewer's own searches and those that are shared."""
    return SavedSearch.objects.filter(Q(owner_id=request.user.pk) | Q(shared=True)).select_related("owner")


def save(request: HttpRequest, name: str, state: str) -> SavedSearch:
    """
    Keep the search *state*, the parameters of an address; one of the same name is replaced.

    Raises:
        BadParameter: no name, a search that cannot be read, or too many of them.
    """
    search = Search.parse(
        QueryDict(state.removeprefix("?")), contract(), now=timezone.now(), zone=timezone.get_current_timezone()
    )
    link = search.but().link
    if len(link) > MAX_STATE_CHARS:
        raise BadParameter("state", "the search is too long to be kept", f"Keep at most {MAX_STATE_CHARS:,} characters")
    own = SavedSearch.objects.filter(owner_id=request.user.pk)
    name = _name(name)
    if own.exclude(name=name).count() >= MAX_SEARCHES:
        raise BadParameter("name", f"you have {MAX_SEARCHES} saved searches", "Delete one that you no longer need")
    with transaction.atomic(using=router.db_for_write(SavedSearch)):
        saved, made = SavedSearch.objects.update_or_create(
            owner_id=request.user.pk, name=name, defaults={"state": link}
        )
        _audit("audit.created" if made else "audit.changed", saved, "name", "state")
    return saved


def rename(saved: SavedSearch, name: str) -> None:
    """
    Call *saved* otherwise.

    Raises:
        BadParameter: no name, or the owner has another search of that name.
    """
    name = _name(name)
    if SavedSearch.objects.filter(owner=saved.owner, name=name).exclude(pk=saved.pk).exists():
        raise BadParameter("name", f"you have another search called {name!r}", "Choose another name")
    saved.name = name
    _write(saved, "name")


def share(saved: SavedSearch, *, shared: bool) -> None:
    """Show *saved* to everybody, or to its owner alone."""
    saved.shared = shared
    _write(saved, "shared")


def delete(saved: SavedSearch) -> None:
    """Forget *saved*."""
    with transaction.atomic(using=router.db_for_write(SavedSearch)):
        _audit("audit.deleted", saved)
        saved.delete()


def _write(saved: SavedSearch, field: str) -> None:
    with transaction.atomic(using=router.db_for_write(SavedSearch)):
        saved.save(update_fields=[field, "saved_at"])
        _audit("audit.changed", saved, field)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > MAX_NAME_CHARS:
        raise BadParameter("name", "a saved search needs a name", f"Give it 1 to {MAX_NAME_CHARS} characters")
    unseen = next((character for character in name if not character.isprintable()), "")
    if unseen:
        raise BadParameter("name", f"the character {code(unseen)} of it cannot be seen", "Write the name without it")
    return name


def _audit(event: str, saved: SavedSearch, *changes: str) -> None:
    what = {"object_type": "saved_search", "object_id": str(saved.pk)}
    told_after(SavedSearch, event, **what, **({"changes": list(changes)} if changes else {}))
