"""
Files that somebody brought and has not imported yet: in the state directory, for nobody else, until they are taken.

Whoever takes a draft has it alone: a form that is sent twice imports once.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from logging_pipeline.kibana.backups import private_folder, write_privately

__all__ = ["Draft", "Drafts"]

KEPT_S = 86_400
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Draft:
    """
    A file on its way to a space.

    Args:
        owner: the account's primary key, as text; nobody else sees it.
        name: of the file, as it was brought.
    """

    token: str
    owner: str
    name: str
    target: str
    space: str


class Drafts:
    """The drafts below a state directory."""

    def __init__(self, state_dir: Path) -> None:
        self._root = state_dir
        self._folder = state_dir / "kibana" / "drafts"

    def keep(self, content: bytes, *, owner: str, name: str, target: str, space: str) -> Draft:
        """Store a file; those that nobody came back for within a day go."""
        self._sweep()
        draft = Draft(secrets.token_hex(16), owner, name, target, space)
        folder = private_folder(self._root, self._folder / draft.token)
        write_privately(folder / "draft.json", json.dumps(asdict(draft)))
        write_privately(folder / "file.ndjson", content.decode("utf-8-sig"))
        return draft

    def get(self, token: str, owner: str) -> Draft | None:
        """The draft, if it is *owner*'s; also after it was taken."""
        file = self._folder / token / "draft.json"
        if not _TOKEN.fullmatch(token) or not file.is_file():
            return None
        draft = Draft(**json.loads(file.read_text(encoding="utf-8")))
        return draft if draft.owner == owner else None

    def content(self, draft: Draft) -> bytes | None:
        """The file; None when somebody took it."""
        try:
            return (self._folder / draft.token / "file.ndjson").read_bytes()
        except FileNotFoundError:
            return None

    def take(self, draft: Draft) -> bool:
        """Whether it is the caller's to import: only the first is told so."""
        folder = self._folder / draft.token
        try:
            (folder / "file.ndjson").rename(folder / "taken.ndjson")
        except FileNotFoundError:
            return False
        return True

    def give_back(self, draft: Draft) -> None:
        """Nothing came of it: it can be taken again."""
        folder = self._folder / draft.token
        (folder / "taken.ndjson").rename(folder / "file.ndjson")

    def became(self, draft: Draft, backup: str) -> None:
        """Note the backup that was made for its import."""
        write_privately(self._folder / draft.token / "backup", backup)

    def backup_of(self, draft: Draft) -> str:
        """The backup of its import; empty while there is none."""
        try:
            return (self._folder / draft.token / "backup").read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def drop(self, draft: Draft) -> None:
        """Forget it."""
        _remove(self._folder / draft.token)

    def _sweep(self) -> None:
        if not self._folder.is_dir():
            return
        for folder in self._folder.iterdir():
            if _TOKEN.fullmatch(folder.name) and time.time() - folder.stat().st_mtime > KEPT_S:
                _remove(folder)


def _remove(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink(missing_ok=True)
    folder.rmdir()
