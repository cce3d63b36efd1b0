"""Captures: the generated function stores them as they would be stored one by one, whatever an event holds."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from logging_pipeline.logstash_engine.conversions import leading_integer
from logging_pipeline.logstash_engine.events.captures import Store, generate_store
from logging_pipeline.logstash_engine.events.fields import Event, FieldError
from logging_pipeline.logstash_engine.filters import grok

KEYS = some.sampled_from("abc")
PATHS = some.lists(KEYS, min_size=1, max_size=4).map(tuple)
VALUES = some.recursive(
    some.none() | some.text("x", max_size=1) | some.integers(0, 1),
    lambda inner: some.lists(inner, max_size=2) | some.dictionaries(KEYS, inner, max_size=2),
    max_leaves=6,
)
EVENTS = some.dictionaries(some.sampled_from("abz"), VALUES, max_size=2)
GROUPS = some.none() | some.sampled_from(["", "x", "7"])


@settings(max_examples=200, deadline=None)
@given(
    some.lists(some.tuples(PATHS, some.booleans(), some.booleans(), GROUPS), min_size=1, max_size=6),
    EVENTS | some.just({}),
    some.randoms(use_true_random=False),
)
def test_stores_as_one_by_one(captures: list[Any], event: Event, chance: Any):
    """The same fields in the same order; where the event cannot hold one, those before it are there."""
    numbers = list(range(len(captures)))
    chance.shuffle(numbers)
    stores = [
        Store(number, path, leading_integer if typed else None, replaces, grok._extend(path, replaces=replaces))
        for number, (path, typed, replaces, _text) in zip(numbers, captures, strict=True)
    ]
    groups = tuple(captures[numbers.index(number)][3] for number in range(len(captures)))
    one_by_one = deepcopy(event)
    assert said(generate_store(stores, len(groups)), event, groups) == said(each(stores), one_by_one, groups)
    assert repr(event) == repr(one_by_one)


def each(stores: list[Store]) -> Any:
    """What the generated function stands for."""

    def store(event: Event, groups: tuple[str | None, ...]) -> None:
        for one in stores:
            text = groups[one.group]
            value = text if one.coerce is None or text is None else one.coerce(text)
            if value not in (None, ""):
                one.extend(event, value)

    return store


def said(store: Any, event: Event, groups: tuple[str | None, ...]) -> str:
    """The error, if there is one."""
    try:
        store(event, groups)
    except FieldError as error:
        return str(error)
    return ""


def test_a_match_without_groups_stores_nothing():
    """An expression need not capture anything."""
    event: Event = {"a": 1}
    generate_store([], 0)(event, ())
    assert event == {"a": 1}
