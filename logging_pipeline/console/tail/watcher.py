"""Who watches, asked of the database again and again: a tail outlives log-outs and changed permissions otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest

from logging_pipeline.console.access import VIEW_TAIL, User, categories_for

__all__ = ["Watcher", "watcher"]


@dataclass(frozen=True, slots=True)
class Watcher:
    """
    What holds of the account behind a session.

    Args:
        key: tells accounts apart; empty when nobody is logged in.
        refused: why this account may watch nothing; empty when it may.
        categories: those that it may see.
    """

    key: str = ""
    refused: str = ""
    categories: tuple[str, ...] = field(default=())

    def lacks(self, wanted: tuple[str, ...]) -> str:
        """Why it may not watch *wanted*; empty when it may."""
        closed = [name for name in wanted if name not in self.categories]
        return self.refused or (f"The category {closed[0]} is not open to you." if closed else "")


async def watcher(request: HttpRequest) -> Watcher:
    """
    The account of *request*'s session, as the database has it now.

    A session that ended, an account that was deactivated or whose password changed is nobody.
    """
    return await sync_to_async(_look)(request)


def _look(request: HttpRequest) -> Watcher:
    try:
        afresh = HttpRequest()
        session = cast(Any, request).session
        afresh.session = type(session)(session.session_key)
        user = get_user(afresh)
        if not user.is_authenticated:
            return Watcher(refused="You are logged out.")
        account = cast(User, user)
        key = str(user.pk)
        if not (account.is_staff and account.has_perm(VIEW_TAIL)):
            return Watcher(key, refused=f"It takes a staff account with the permission {VIEW_TAIL}.")
        return Watcher(key, categories=categories_for(account))
    finally:
        close_old_connections()  # the stream goes on for hours; its thread needs no connection between two looks
