"""Bounded copies of anything: nothing raises, nothing changes afterwards, nothing lazy is evaluated."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from logging_pipeline.contract.plain import (
    MAX_DEPTH,
    MAX_NODES,
    MAX_REPR_CHARS,
    MAX_TEXT_CHARS,
    OMITTED,
    REPRESENTED_BY,
    Opaque,
    fault,
    frozen,
    frozen_fields,
)


class Mute:
    """Its repr raises."""

    def __repr__(self) -> str:
        raise RuntimeError("no")


class Talkative:
    """Its repr is long."""

    def __repr__(self) -> str:
        return "x" * 1_000_000


class HostileKey:
    """A key that cannot be compared or printed."""

    def __hash__(self) -> int:
        return 7

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")

    def __repr__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    "value",
    ["text", 17, 1.5, True, None, Decimal("1.10"), datetime(2026, 1, 1, tzinfo=UTC), UUID(int=5)],
)
def test_immutable_scalars_stay_as_they_are(value: object):
    """What cannot change is kept by reference."""
    assert frozen(value) is value


def test_a_later_change_does_not_reach_the_copy():
    """The event tells what was true when it was logged."""
    cart = {"items": [1, 2], "tags": {"a"}}
    copy = frozen(cart)
    cart["items"].append(3)
    cart["new"] = 1
    assert copy == {"items": [1, 2], "tags": ["a"]}


@pytest.mark.parametrize("container", [(1, 2), deque([1, 2]), [1, 2]])
def test_sequences_become_lists(container: object):
    """JSON has one kind of sequence."""
    assert frozen(container) == [1, 2]


def test_mappings_become_dicts():
    """JSON has one kind of mapping."""
    assert type(frozen(OrderedDict(a=1))) is dict


def test_a_cycle_ends_where_it_closes():
    """A container inside itself is named, not followed."""
    loop: dict[str, Any] = {"a": 1}
    loop["self"] = loop
    assert frozen(loop) == {"a": 1, "self": Opaque("dict", "<cycle>")}


def test_the_same_container_twice_is_no_cycle():
    """Only what is above counts."""
    shared = [1]
    assert frozen({"a": shared, "b": shared}) == {"a": [1], "b": [1]}


def test_deep_nesting_is_cut():
    """Depth has a limit far below Python's own."""
    value: Any = "bottom"
    for _ in range(500):
        value = [value]
    copy, depth = frozen(value), 0
    while type(copy) is list:
        copy, depth = copy[0], depth + 1
    assert copy == Opaque("list", "<too deep>")
    assert depth == MAX_DEPTH


def test_long_text_is_cut():
    """Text and bytes have a limit, and end with a whole word: half a card number is not known for one."""
    long = "a card 4242 4242 4242 4242, " * 400_000
    for kept in (frozen(long), frozen(long.encode()).decode()):
        assert MAX_TEXT_CHARS - 1_024 <= len(kept) <= MAX_TEXT_CHARS
        assert long[len(kept) :].startswith("card 4242 4242 4242 4242")
    assert len(frozen("x" * 10_000_000)) >= MAX_TEXT_CHARS - 1_024


def test_subclasses_of_scalars_are_unwrapped():
    """A subclass may override anything; its plain value is taken without asking it."""

    class Loud(str):
        __slots__ = ()

        def __getitem__(self, _: object) -> str:
            raise RuntimeError("no")

        def __str__(self) -> str:
            raise RuntimeError("no")

    copy = frozen(Loud("text"))
    assert (copy, type(copy)) == ("text", str)


def test_objects_become_their_type_and_a_bounded_repr():
    """Anything else is put into words there and then."""
    assert frozen(Talkative()) == Opaque(f"{__name__}.Talkative", "x" * (MAX_REPR_CHARS // 2))
    assert frozen(Mute()).text == "<repr raised RuntimeError>"


def test_a_class_can_be_represented_without_its_repr():
    """A lazy queryset's repr would run a query: its integration says what to write instead."""

    class Lazy(Mute):
        pass

    REPRESENTED_BY[Mute] = lambda _: "not evaluated"
    try:
        assert frozen(Lazy()).text == "not evaluated"
    finally:
        del REPRESENTED_BY[Mute]


def test_too_many_values_are_counted():
    """10,000 keys are cut to the budget, and the event says how many are missing."""
    copy = frozen_fields({f"k{i}": i for i in range(10_000)})
    assert copy[OMITTED] == 10_000 - MAX_NODES
    assert len(copy) == MAX_NODES + 1


def test_values_in_nested_containers_share_the_budget():
    """Nesting is no way around the limit; every member is copied or counted."""
    copy = frozen_fields({"a": [list(range(400)) for _ in range(3)]})
    kept = sum(map(len, copy["a"]))
    assert kept + len(copy["a"]) == MAX_NODES
    assert kept + copy[OMITTED] == 1_200


def test_keys_of_any_kind_become_text_and_stay_apart():
    """No two keys of one mapping fall together: ``1`` and ``"1"`` are two."""
    copy = frozen({(1, 2): "tuple", 1: "int", "1": "text", b"b": "bytes", None: "none"})
    assert copy == {"[1, 2]": "tuple", "1": "int", "1_": "text", "b": "bytes", "None": "none"}


def test_a_hostile_key_costs_only_its_name():
    """A key that cannot be printed leaves its value and all others in place."""
    assert set(frozen_fields({HostileKey(): "a", "b": "c"}).values()) == {"a", "c"}


def test_a_container_that_other_threads_change_is_copied_whole():
    """A shared dict that grows meanwhile is copied as it was at one moment."""
    shared = {i: i for i in range(200)}
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            shared[len(shared)] = 1
            shared.popitem()

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(300):
            assert type(frozen(shared)) is dict
    finally:
        stop.set()
        thread.join()


def test_an_exception_keeps_its_chain_and_places():
    """Type, message, notes, frames and the chain behind are plain data at once."""
    try:
        try:
            raise ValueError("inner")
        except ValueError as inner:
            inner.add_note("a note")
            raise KeyError("outer") from inner
    except KeyError as error:
        found = fault(error)
    assert (found.type, found.message, found.how) == ("KeyError", "'outer'", "cause")
    assert found.frames[-1][2] == "test_an_exception_keeps_its_chain_and_places"
    assert found.cause is not None
    assert found.cause.message == "inner\na note"


def test_an_exception_whose_text_raises_is_taken_all_the_same():
    """``str(error)`` is anybody's code."""

    class Unspeakable(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    assert fault(Unspeakable()).message == "<str raised RuntimeError>"


def test_an_endless_chain_ends():
    """Chains are followed to the eighth link; a cycle among causes does not hang."""
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    found, links = fault(first), 0
    while found.cause is not None:
        found, links = found.cause, links + 1
    assert links == 8
