"""What a page answers with instead of a result."""

from __future__ import annotations

__all__ = ["BadParameter"]


class BadParameter(ValueError):
    """
    A parameter of the URL cannot be used; shown to the user with status 400.

    Args:
        parameter: its name in the URL.
        problem: what is wrong with it.
        cure: what to write instead.
    """

    def __init__(self, parameter: str, problem: str, cure: str) -> None:
        super().__init__(f"{parameter}: {problem}. {cure}")
        self.parameter = parameter
        self.problem = problem
        self.cure = cure
