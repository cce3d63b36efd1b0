"""An event as it is stored, whatever a stranger put into it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from logging_pipeline.console.event import Event, leaves
from logging_pipeline.console.event_fields import grouped
from logging_pipeline.contract import CORE_CATEGORIES, CORE_FIELDS, Contract

CORE = Contract(CORE_FIELDS, CORE_CATEGORIES)
TIME = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def event(source: dict, *, category: str = "http", time: datetime = TIME) -> Event:
    return Event("id", category, time, [], source)


def test_every_value_is_shown_once():
    """No field is left out and none comes twice, nested or dotted, lists, nulls, empty objects and all."""
    source = {"a": {"b": 1, "c.d": [1, 2], "e": {}}, "f": None, "g": [{"h": 1}], "i": []}
    assert list(leaves(source)) == [
        ("a.b", 1),
        ("a.c.d", [1, 2]),
        ("a.e", "{}"),
        ("f", None),
        ("g", '[{"h": 1}]'),
        ("i", []),
    ]


def test_a_deep_document_ends_as_json():
    """Nesting beyond what an index maps is shown as text instead of without end."""
    source: dict = {}
    inner = source
    for _ in range(200):
        inner["x"] = {}
        inner = inner["x"]
    ((name, value),) = leaves(source)
    assert name == ".".join(["x"] * 20)
    assert value.startswith('{"x": {')


def test_groups_follow_the_contract():
    """The category's own fields have a group of their own, with the contract's words; what nobody knows comes last."""
    found = grouped(
        event({"message": "m", "audit": {"object": {"id": "7"}}, "odd": 1, "labels": {"k": "v"}}, category="audit"),
        CORE,
    )
    assert [(group.title, [row.name for row in group.rows]) for group in found] == [
        ("Event", ["message"]), ("Audit", ["audit.object.id"]), ("Labels", ["labels.k"]), ("Other", ["odd"]),
    ]  # fmt: skip
    (row,) = found[1].rows
    assert (row.description, row.values[0].filter) == ("Which one.", "audit.object.id:7")
    assert found[3].rows[0].values[0].filter == ""


def test_nanoseconds_are_said_in_words_too():
    """A duration is shown as stored, and as people read it."""
    (group,) = grouped(event({"event": {"duration": 1_500_000}}), CORE)
    assert group.rows[0].values[0].note == timedelta(microseconds=1500)


@pytest.mark.parametrize("odd", ["12", 1.5, True, -1, 10**30, None, [], {}])
def test_a_duration_that_is_none_is_ignored(odd):
    """Only a believable whole number counts as a duration."""
    assert event({"event": {"duration": odd}}).duration is None


@pytest.mark.parametrize("odd", ["soon", 5, None, ["x"], {"a": 1}, "9999-99-99"])
def test_a_start_that_is_none_is_computed(odd):
    """Without a usable start it began its duration before it was logged."""
    assert event({"event": {"start": odd, "duration": 2_000_000_000}}).start == TIME - timedelta(seconds=2)
