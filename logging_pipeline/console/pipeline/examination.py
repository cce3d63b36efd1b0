"""Doctor for a page that reads itself again every few seconds: it asks much, so its findings are kept for a while."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from logging_pipeline.accounting.doctor import Finding, examine
from logging_pipeline.contract import contract
from logging_pipeline.settings import Settings

__all__ = ["Examination", "examined"]

KEPT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Examination:
    """Doctor's *findings* at *at*, the worst first."""

    at: datetime
    findings: tuple[Finding, ...]

    @property
    def unwell(self) -> int:
        """How many findings need somebody."""
        return sum(finding.verdict != "ok" for finding in self.findings)


def examined(settings: Settings) -> Examination:
    """The findings of this process, at most `KEPT` old; whoever asks meanwhile waits for the same examination."""
    with _lock:
        former = _kept.get(settings)
        if former is None or datetime.now(UTC) - former.at > KEPT:
            findings = sorted(examine(settings, contract()), key=lambda finding: _ORDER[finding.verdict])
            _kept.clear()
            _kept[settings] = former = Examination(datetime.now(UTC), tuple(findings))
        return former


_ORDER = {"failure": 0, "warning": 1, "ok": 2}
_lock = threading.Lock()
_kept: dict[Settings, Examination] = {}
