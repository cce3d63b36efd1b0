"""
Who may see what: a permission for each page, and one for each category, enforced by the data streams that are asked.

A category that a user may not see is never part of a request to Elasticsearch, so neither a search nor an event's id
nor a trace can bring its events up. A new category is seen by superusers alone until somebody grants it.
"""

from __future__ import annotations

from typing import Any, Protocol, cast

from django.apps import apps as registry
from django.apps.registry import Apps
from django.db import router
from django.http import HttpRequest

from logging_pipeline.contract import contract
from logging_pipeline.indexes import DEAD_LETTER, DISCARDED

__all__ = [
    "ASIDE",
    "EXPORT_LOGS",
    "IMPORT_DASHBOARDS",
    "RESOLVE_ERRORS",
    "SHARE_SEARCHES",
    "VIEW_DASHBOARDS",
    "VIEW_ERRORS",
    "VIEW_LOGS",
    "VIEW_PIPELINE",
    "VIEW_TAIL",
    "User",
    "aside_for",
    "categories_for",
    "category_permission",
    "make_category_permissions",
    "viewer",
]

VIEW_DASHBOARDS = "logpipe_console.view_dashboards"
VIEW_ERRORS = "logpipe_console.view_errors"
RESOLVE_ERRORS = "logpipe_console.resolve_errors"
VIEW_LOGS = "logpipe_console.view_logs"
IMPORT_DASHBOARDS = "logpipe_console.import_dashboards"
EXPORT_LOGS = "logpipe_console.export_logs"
SHARE_SEARCHES = "logpipe_console.share_searches"
VIEW_PIPELINE = "logpipe_console.view_pipeline"
VIEW_TAIL = "logpipe_console.view_tail"

ASIDE = {
    DEAD_LETTER: "Events that Elasticsearch refused, whatever their category.",
    DISCARDED: "Events that a pipeline put aside, whatever their category.",
}
"""What is no category and has a data stream all the same: its name and what lies there."""


class User(Protocol):
    """What the console asks of a project's users, whatever their model."""

    is_staff: bool

    def get_username(self) -> str:
        """The name to log in with."""

    def has_perm(self, perm: str) -> bool:
        """Whether the user has the permission ``app_label.codename``."""


def viewer(request: HttpRequest) -> User:
    """Who is asking."""
    return cast(User, request.user)


def category_permission(category: str) -> str:
    """The permission to see events of *category*, as ``user.has_perm`` takes it."""
    return f"logpipe_console.view_category_{category}"


def categories_for(user: User) -> tuple[str, ...]:
    """The categories that *user* may see, in the contract's order; superusers see all."""
    return tuple(name for name in contract().by_name if user.has_perm(category_permission(name)))


def aside_for(user: User) -> tuple[str, ...]:
    """Those of `ASIDE` that *user* may see; their events may be of categories that the user may not."""
    return tuple(name for name in ASIDE if user.has_perm(category_permission(name)))


def make_category_permissions(*, using: str, apps: Apps = registry, **_: Any) -> None:
    """
    Receiver of ``post_migrate``: a permission for every category that is registered and for each of `ASIDE`.

    None is ever taken away. ``manage.py flush`` sends the signal too, without *apps*.
    """
    try:
        permission = apps.get_model("auth", "Permission")
        content_type = apps.get_model("contenttypes", "ContentType")
    except LookupError:  # the project keeps its users elsewhere, without Django's permissions
        return
    if not router.allow_migrate_model(using, permission):  # they are in another of the databases
        return
    console, _made = content_type.objects.using(using).get_or_create(app_label="logpipe_console", model="console")
    for name in (*contract().by_name, *ASIDE):
        permission.objects.using(using).get_or_create(
            content_type=console,
            codename=category_permission(name).partition(".")[2],
            defaults={"name": f"Can see events of the category {name}"},
        )
