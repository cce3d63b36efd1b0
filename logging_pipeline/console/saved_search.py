"""Searches that people keep: by name, for themselves or for everybody who may open the log pages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

__all__ = ["MAX_NAME_CHARS", "MAX_STATE_CHARS", "SavedSearch"]

MAX_NAME_CHARS = 80
MAX_STATE_CHARS = 8_000  # of an address; the longest search that the page reads is shorter


class SavedSearch(models.Model):
    """
    A search by name. It holds no events: whoever opens it sees those of the categories that are open to them.

    Args:
        owner: who saved it, may rename, share and delete it; with the account its searches go.
        state: the parameters of its address: query, columns, filters, range.
        shared: everybody sees it; it takes the permission ``share_searches``.
    """

    owner: models.ForeignKey[Any, Any] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    name: models.CharField[Any, Any] = models.CharField(max_length=MAX_NAME_CHARS)
    state: models.CharField[Any, Any] = models.CharField(max_length=MAX_STATE_CHARS)
    shared: models.BooleanField[Any, Any] = models.BooleanField(default=False)
    saved_at: models.DateTimeField[Any, Any] = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        permissions = [
            ("share_searches", "Can share saved searches with everybody"),
            ("export_logs", "Can save events to a file"),
        ]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="logpipe_console_one_name_an_owner")]
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return str(self.name)
