"""The one error that the embedded stack shows to the person who started it."""

from __future__ import annotations

__all__ = ["StackError"]


class StackError(Exception):
    """
    Something is missing on this machine, or in the way.

    Args:
        problem: what is wrong, with the name of the thing and the place.
        cure: what to do about it.
    """

    def __init__(self, problem: str, cure: str) -> None:
        super().__init__(f"{problem}. {cure}")
        self.problem = problem
        self.cure = cure
