"""What a mark of a drawing stands for, in the words of a search: so that a click on it finds the same events."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Pick"]


class Pick(NamedTuple):
    """
    Events of a panel, narrowed.

    Args:
        values: fields and the values that they must have.
        conditions: KQL that must hold.
        start_ms: the bucket in which they lie; None: any of the window.
        event: the id of one event.
    """

    values: tuple[tuple[str, str], ...] = ()
    conditions: tuple[str, ...] = ()
    start_ms: int | None = None
    event: str = ""
