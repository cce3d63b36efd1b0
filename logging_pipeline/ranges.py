"""Sets of whole numbers as sorted, disjoint ranges of first and last: a million events in a row are one pair."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Ranges", "intersect", "merge", "of", "parse", "size", "subtract", "text"]

Ranges = list[tuple[int, int]]


def of(numbers: Iterable[int]) -> Ranges:
    """The ranges of *numbers*, in any order."""
    return merge((number, number) for number in numbers)


def merge(*sets: Iterable[tuple[int, int]]) -> Ranges:
    """The union of *sets*, which may overlap and come in any order."""
    merged: Ranges = []
    for first, last in sorted(span for spans in sets for span in spans):
        if merged and first <= merged[-1][1] + 1:
            if last > merged[-1][1]:
                merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return merged


def subtract(left: Ranges, right: Ranges) -> Ranges:
    """What is in *left* and not in *right*."""
    rest: Ranges = []
    others = iter(right)
    other = next(others, None)
    for first, last in left:
        while other is not None and other[1] < first:
            other = next(others, None)
        while other is not None and other[0] <= last:
            if other[0] > first:
                rest.append((first, other[0] - 1))
            first = max(first, other[1] + 1)
            if other[1] > last:
                break
            other = next(others, None)
        if first <= last:
            rest.append((first, last))
    return rest


def intersect(left: Ranges, right: Ranges) -> Ranges:
    """What is in both."""
    return subtract(left, subtract(left, right))


def size(ranges: Iterable[tuple[int, int]]) -> int:
    """How many numbers there are in *ranges*, which are disjoint."""
    return sum(last - first + 1 for first, last in ranges)


def text(ranges: Iterable[tuple[int, int]]) -> list[str]:
    """``["3", "7-9"]``: for people and for the ledger."""
    return [str(first) if first == last else f"{first}-{last}" for first, last in ranges]


def parse(texts: Iterable[str]) -> Ranges:
    """
    The ranges that `text` wrote.

    Raises:
        ValueError: one of them is something else.
    """
    pairs = (part.partition("-") for part in texts)
    return merge((int(first), int(last or first)) for first, _, last in pairs)
