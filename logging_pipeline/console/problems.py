"""What a page answers with instead of a result."""

from __future__ import annotations

from collections.abc import Iterable

from logging_pipeline.errors import KqlError

__all__ = ["BadParameter", "BadQuery", "among", "at_most"]


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


class BadQuery(BadParameter):
    """
    The text of the search is not in the language; *kql* knows the place.

    Its words stand under the search box, with a caret below the place.
    """

    def __init__(self, parameter: str, kql: KqlError) -> None:
        super().__init__(parameter, kql.problem, "See what a search means in the console's documentation")
        self.kql = kql

    @property
    def sentence(self) -> str:
        """The problem with a mark at its end."""
        return self.problem if self.problem.endswith(("?", ".")) else f"{self.problem}."

    @property
    def expected(self) -> str:
        """What could stand at the place, in words; empty when nothing is known."""
        return " or ".join(self.kql.expected)


def at_most(limit: int, parameter: str, text: str) -> str:
    """
    *text*, which *parameter* has.

    Raises:
        BadParameter: it has more than *limit* characters.
    """
    if len(text) > limit:
        raise BadParameter(parameter, f"{len(text):,} characters are too long", f"Keep at most {limit:,}")
    return text


def among(known: Iterable[str], parameter: str, names: Iterable[str]) -> tuple[str, ...]:
    """
    *names*, which *parameter* has, each once.

    Raises:
        BadParameter: one of them is not among the *known*.
    """
    known, found = list(known), tuple(dict.fromkeys(names))
    for name in found:
        if name not in known:
            raise BadParameter(parameter, f"there is no {parameter} {name[:60]!r}", f"Choose from {', '.join(known)}")
    return found
