"""A file that was brought waits for its owner alone, and not for ever."""

from __future__ import annotations

import os
import time
from pathlib import Path

from logging_pipeline.console.import_drafts import KEPT_S, Drafts


def test_one_taker(tmp_path: Path):
    """Only the first may import it; given back, it can be taken again."""
    drafts = Drafts(tmp_path)
    draft = drafts.keep(b"{}\n", owner="7", name="a.ndjson", target="kibana", space="default")
    assert drafts.content(draft) == b"{}\n"
    assert [drafts.take(draft), drafts.take(draft)] == [True, False]
    assert drafts.content(draft) is None
    drafts.give_back(draft)
    assert drafts.take(draft)
    drafts.became(draft, "a-backup")
    assert drafts.backup_of(draft) == "a-backup"


def test_for_nobody_else(tmp_path: Path):
    """Neither by another account, nor by a token that is a path, nor for other users of the machine."""
    drafts = Drafts(tmp_path)
    draft = drafts.keep(b"{}\n", owner="7", name="a.ndjson", target="kibana", space="default")
    assert drafts.get(draft.token, "7") == draft
    assert drafts.get(draft.token, "8") is None
    assert drafts.get(f"../drafts/{draft.token}", "7") is None
    kept = list((tmp_path / "kibana").rglob("*"))
    assert {oct(each.stat().st_mode & 0o777) for each in kept} == {"0o700", "0o600"}


def test_not_for_ever(tmp_path: Path):
    """What nobody came back for within a day goes when the next one comes."""
    drafts = Drafts(tmp_path)
    old, young = (
        drafts.keep(b"{}\n", owner="7", name=name, target="kibana", space="default") for name in ("old", "young")
    )
    before = time.time() - KEPT_S - 1
    os.utime(tmp_path / "kibana" / "drafts" / old.token, (before, before))
    drafts.keep(b"{}\n", owner="7", name="next", target="kibana", space="default")
    assert drafts.get(old.token, "7") is None
    assert drafts.get(young.token, "7") == young
