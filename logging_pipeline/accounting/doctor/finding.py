"""What one check found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

__all__ = ["Finding", "Verdict", "failure", "ok", "warning"]

Verdict = Literal["ok", "warning", "failure"]


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What one check found.

    Args:
        hop: where on the journey: settings, disk, redis, worker, consumer, elasticsearch, outcome.
        problem: what is wrong, or what was found to be well.
        cure: what to do; empty when all is well.
    """

    hop: str
    verdict: Verdict
    problem: str
    cure: str = ""

    def as_dict(self) -> dict[str, str]:
        """For ``--json``."""
        return asdict(self)


def ok(hop: str, what: str) -> Finding:
    """All is well there."""
    return Finding(hop, "ok", what)


def warning(hop: str, problem: str, cure: str) -> Finding:
    """It works, and may not for long, or not as well as it could."""
    return Finding(hop, "warning", problem, cure)


def failure(hop: str, problem: str, cure: str) -> Finding:
    """Events do not get through there, or are about to be lost."""
    return Finding(hop, "failure", problem, cure)
