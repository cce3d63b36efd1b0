"""From a syntax tree to a predicate on events in memory, which agrees with what Elasticsearch would find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from logging_pipeline.contract import Contract
from logging_pipeline.kql.conditions import All, Between, Condition, Equals, Exists, Like, No, OneOf, Phrase, Words
from logging_pipeline.kql.meaning import conditions
from logging_pipeline.kql.options import Options
from logging_pipeline.kql.stored import ordered_double, terms
from logging_pipeline.kql.syntax import Node
from logging_pipeline.kql.words import words

__all__ = ["matcher"]

Predicate = Callable[[Mapping[str, Any]], bool]


def matcher(node: Node, contract: Contract, options: Options = Options()) -> Predicate:  # noqa: B008  # frozen
    """
    A predicate that says whether *node* finds an event: a nested dict, as it is on the wire.

    ``now`` is the instant at which it is made, or that of *options*.

    Raises:
        KqlError: an unknown field, a value that its field cannot hold, or more than the limits allow.
    """
    return _predicate(conditions(node, contract, options))


def _predicate(condition: Condition) -> Predicate:
    match condition:
        case All(conditions=those):
            every = tuple(map(_predicate, those))
            return lambda event: all(holds(event) for holds in every)
        case OneOf(conditions=those):
            some = tuple(map(_predicate, those))
            return lambda event: any(holds(event) for holds in some)
        case No(condition=inner):
            unwanted = _predicate(inner)
            return lambda event: not unwanted(event)
        case Exists():
            test: Callable[[Any], bool] = _always
        case Equals(value=value):
            test = value.__eq__
        case Words(value=value):
            wanted = frozenset(words(value))
            test = lambda found: not wanted.isdisjoint(found)  # noqa: E731
        case Phrase(value=value):
            test = _phrase(words(value))
        case Like(parts=parts):
            like = _like(parts)
            test = like if condition.target.type != "text" else lambda found: any(map(like, found))
        case Between():
            test = _between(condition)
    read = terms(condition.target)
    return lambda event: any(map(test, read(event)))


def _always(_: Any) -> bool:
    return True


def _phrase(wanted: tuple[str, ...]) -> Callable[[tuple[str, ...]], bool]:
    if not wanted:
        return lambda _: False
    first, length = wanted[0], len(wanted)

    def test(found: tuple[str, ...]) -> bool:
        return any(word == first and found[at : at + length] == wanted for at, word in enumerate(found))

    return test


def _like(parts: tuple[str, ...]) -> Callable[[str], bool]:
    """Each part is looked for behind the one before it: no pattern takes longer than the text is long."""
    beginning, *between, end = parts

    def test(text: str) -> bool:
        if len(text) < len(beginning) + len(end) or not (text.startswith(beginning) and text.endswith(end)):
            return False
        position, stop = len(beginning), len(text) - len(end)
        for part in between:
            found = text.find(part, position, stop)
            if found < 0:
                return False
            position = found + len(part)
        return True

    return test


def _between(between: Between) -> Callable[[Any], bool]:
    low, high = _bound(between, between.low), _bound(between, between.high)
    low_open, high_open = between.low_open, between.high_open

    def test(found: Any) -> bool:
        if low is not None and (found < low or (low_open and found == low)):
            return False
        return high is None or found < high or (not high_open and found == high)

    return test


def _bound(between: Between, bound: float | str | None) -> Any:
    return ordered_double(float(bound)) if between.target.type == "double" and bound is not None else bound
