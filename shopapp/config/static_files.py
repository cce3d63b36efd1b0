"""How a static file's address comes about."""

from __future__ import annotations

from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

__all__ = ["BuiltWhereBuilt"]


class BuiltWhereBuilt(CompressedManifestStaticFilesStorage):
    """
    Compressed files with a hash in the name, as ``collectstatic`` built them; plain names until it ran.

    So tests and a first ``runserver`` need no build, and a built shop has files that browsers may keep for ever.
    """

    def url(self, name: str | None, force: bool = False) -> str:
        if not self.hashed_files:
            return StaticFilesStorage.url(self, name)
        return super().url(name, force)
