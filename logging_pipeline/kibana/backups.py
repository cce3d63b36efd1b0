"""
What a space held before somebody wrote to it: a folder for each time, in the state directory.

::

    <state_dir>/kibana/<target>/<space>/20260301T120000.000000Z-1a2b3c4d/
        about.json      when, why, by whom; what was there, what was made
        before.ndjson   the objects as they were, with everything that they refer to
        sent.ndjson     what was sent

Only the account that runs this can read them (0700, 0600). ``about.json`` is written before Kibana is asked to write,
with the ids that do not exist yet: a process that dies half-way leaves what a rollback needs.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from logging_pipeline.errors import KibanaError
from logging_pipeline.kibana.saved_objects import Key, SavedObject, ndjson, read

__all__ = ["Backup", "Backups", "private_folder", "write_privately"]

_ID = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{8}")
_PLACE = re.compile(r"[a-z0-9_-]{1,100}")


@dataclass(frozen=True, slots=True)
class Backup:
    """
    What ``about.json`` says.

    Args:
        id: begins with its time, so that the ids' order is that of the times.
        reason: ``push``, or ``rollback of <id>``.
        by: who asked for it.
        kibana: its version.
        touched: objects that were there, by the keys that they have in the space.
        created: objects that were not.
        state: ``prepared`` until Kibana has answered, then ``done`` or ``failed``.
        notes: what there was to say about it.
    """

    id: str
    target: str
    space: str
    made_at: str
    reason: str
    by: str
    kibana: str
    touched: tuple[Key, ...] = ()
    created: tuple[Key, ...] = ()
    state: str = "prepared"
    notes: tuple[str, ...] = ()

    @property
    def made(self) -> datetime:
        """When."""
        return datetime.fromisoformat(self.made_at)


class Backups:
    """The backups of one space."""

    def __init__(self, state_dir: Path, target: str, space: str) -> None:
        for name in (target, space):
            if not _PLACE.fullmatch(name):
                raise KibanaError(f"{name!r} cannot be a space's id", "Ids are of a-z, 0-9, _ and -")
        self._root = state_dir
        self._folder = state_dir / "kibana" / target / space
        self._target = target
        self._space = space

    @contextmanager
    def writing(self) -> Iterator[None]:
        """
        Held by who writes to the space: two at once would each save the other's half.

        Raises:
            KibanaError: somebody else holds it.
        """
        private_folder(self._root, self._folder)
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                where = f"{self._target}, space {self._space}"
                raise KibanaError(f"{where}: another import is going on", "Wait until it has ended") from None
            yield

    def prepare(
        self,
        before: Sequence[SavedObject],
        sent: Sequence[SavedObject],
        *,
        touched: Sequence[Key],
        created: Sequence[Key],
        reason: str,
        by: str,
        kibana: str,
    ) -> Backup:
        """Save what is there, before anything is written."""
        now = datetime.now(UTC)
        about = Backup(
            id=f"{now:%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(4)}",
            target=self._target,
            space=self._space,
            made_at=now.isoformat(timespec="seconds"),
            reason=reason,
            by=by,
            kibana=kibana,
            touched=tuple(touched),
            created=tuple(created),
        )
        folder = private_folder(self._root, self._folder / about.id)
        write_privately(folder / "before.ndjson", ndjson(before))
        write_privately(folder / "sent.ndjson", ndjson(sent))
        self._tell(about)
        return about

    def finish(self, backup: Backup, *, created: Sequence[Key], well: bool, notes: Sequence[str] = ()) -> Backup:
        """Note what became of it: Kibana may have given new objects other ids."""
        done = replace(backup, created=tuple(created), state="done" if well else "failed", notes=tuple(notes))
        self._tell(done)
        return done

    def all(self) -> list[Backup]:
        """Newest first."""
        if not self._folder.is_dir():
            return []
        names = sorted((each.name for each in self._folder.iterdir() if _ID.fullmatch(each.name)), reverse=True)
        return [self.about(name) for name in names if (self._folder / name / "about.json").is_file()]

    def about(self, backup_id: str) -> Backup:
        """
        One backup; ``""`` is the newest.

        Raises:
            KibanaError: there is none of that id.
        """
        if not backup_id:
            every = self.all()
            if every:
                return every[0]
        elif _ID.fullmatch(backup_id) and (self._folder / backup_id / "about.json").is_file():
            known = json.loads((self._folder / backup_id / "about.json").read_text(encoding="utf-8"))
            keys = {name: tuple(Key(*each) for each in known[name]) for name in ("touched", "created")}
            return Backup(**{**known, **keys, "notes": tuple(known["notes"])})
        where = f"{self._target}, space {self._space}"
        raise KibanaError(
            f"{where}: there is no backup {backup_id}".rstrip(),
            "logpipe kibana rollback --list shows those that there are",
        )

    def before(self, backup: Backup) -> list[SavedObject]:
        """The objects as they were."""
        return read((self._folder / backup.id / "before.ndjson").read_text(encoding="utf-8"))

    def _tell(self, about: Backup) -> None:
        write_privately(self._folder / about.id / "about.json", f"{json.dumps(asdict(about), indent=1)}\n")


def private_folder(root: Path, folder: Path) -> Path:
    """Make *folder*, and those above it below *root*, for nobody else to look into."""
    for each in (*reversed(folder.relative_to(root).parents[:-1]), folder.relative_to(root)):
        (root / each).mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_privately(file: Path, text: str) -> None:
    """Whole or not at all, and for nobody else to read."""
    new = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)
