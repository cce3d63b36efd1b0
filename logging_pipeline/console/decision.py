"""What somebody decided about a group of errors: resolved, or ignored. The errors themselves are in Elasticsearch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models

__all__ = ["MAX_KEY_CHARS", "MAX_NAME_CHARS", "MAX_RELEASE_CHARS", "Decision"]

MAX_KEY_CHARS = 64
MAX_NAME_CHARS = 254
MAX_RELEASE_CHARS = 200


class Decision(models.Model):
    """
    The last decision about one group; a group without one is open.

    Args:
        key: the group, ``error.grouping_key``.
        kind: resolved or ignored.
        by: whose decision; nobody's when the account is gone, *by_name* stays.
        at: when; a later error brings a resolved group back.
        release: in which the fault is mended, where that was said.
        older_releases: where it was seen before; with *release* given, these may go on failing.
    """

    class Kind(models.TextChoices):
        """What was decided."""

        RESOLVED = "resolved"
        IGNORED = "ignored"

    key: models.CharField[Any, Any] = models.CharField(max_length=MAX_KEY_CHARS, unique=True)
    kind: models.CharField[Any, Any] = models.CharField(max_length=16, choices=Kind.choices)
    by: models.ForeignKey[Any, Any] = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    by_name: models.CharField[Any, Any] = models.CharField(max_length=MAX_NAME_CHARS)
    at: models.DateTimeField[Any, Any] = models.DateTimeField()
    release: models.CharField[Any, Any] = models.CharField(max_length=MAX_RELEASE_CHARS, blank=True)
    older_releases: models.JSONField[Any, Any] = models.JSONField(default=list)

    class Meta:
        default_permissions = ()
        permissions = [
            ("view_errors", "Can open the error groups of the console"),
            ("resolve_errors", "Can resolve, ignore and reopen error groups"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.kind}"

    def came_back(self, last_seen: Mapping[str, datetime]) -> bool:
        """
        Whether a resolved group failed again.

        Args:
            last_seen: when each release failed last; the empty name stands for events without a release.
        """
        if self.kind != self.Kind.RESOLVED:
            return False
        known = set(self.older_releases) - {self.release} if self.release else set()
        return any(moment > self.at for release, moment in last_seen.items() if release not in known)
