"""The account that Elasticsearch runs under: it refuses to run as root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack.errors import StackError

__all__ = ["Account", "unprivileged_account"]


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int

    @property
    def popen_arguments(self) -> dict[str, Any]:
        """What makes `subprocess` run a program as this account; nothing when we are that account."""
        return {} if os.geteuid() == self.uid else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, folder: Path) -> None:
        """Give *folder* and everything in it to this account; does nothing when we are that account."""
        if os.geteuid() == self.uid:
            return
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)  # a link may point anywhere

    def check_reach(self, path: Path) -> None:
        """
        Raises:
            StackError: a folder above *path* keeps this account out.
        """
        if os.geteuid() == self.uid:
            return
        for folder in reversed(path.resolve().parents):
            if folder.exists() and not folder.stat().st_mode & 0o001 and folder.stat().st_uid != self.uid:
                raise StackError(
                    f"{folder} keeps {self.name!r} out, the account that Elasticsearch runs under because you are root",
                    f"Run `chmod o+x {folder}`, start as an ordinary user, "
                    "or set LOGPIPE_VAR_DIR and LOGPIPE_CACHE_DIR to folders that are reachable",
                )


def unprivileged_account() -> Account:
    """Ourselves, or `nobody` when we are root."""
    entry = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
