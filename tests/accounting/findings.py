"""What doctor said, in tests."""

from __future__ import annotations

from logging_pipeline.accounting.doctor import Finding

__all__ = ["found"]


def found(findings: list[Finding], hop: str, problem: str) -> Finding:
    """The one finding at *hop* that is not well and speaks of *problem*."""
    print(*(f for f in findings if f.verdict != "ok"), sep="\n")
    matching = [f for f in findings if f.hop == hop and problem in f.problem and f.verdict != "ok"]
    assert len(matching) == 1, findings
    return matching[0]
