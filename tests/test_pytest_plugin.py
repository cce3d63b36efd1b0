"""The fixture ``logged_events``: what other projects' tests assert on."""

from __future__ import annotations

import pytest
import structlog

from logging_pipeline.contract.plain import REPRESENTED_BY
from logging_pipeline.journey.bind import scope

log = structlog.get_logger("shop")


def test_events_are_what_would_be_shipped(logged_events):
    """In the contract's fields, with the context, masked."""
    with scope({"trace.id": "t" * 32, "user.id": "7"}):
        log.info("auth.login", email="jane@example.com")
    event = logged_events.one("auth.login")
    assert event["trace.id"] == "t" * 32
    assert event["labels.email"] == "[masked]"
    assert "user.id" not in event
    assert event.document["event"]["dataset"].endswith(".auth")


def test_one_says_what_there_was_instead(logged_events):
    """The failure names the events that were logged."""
    log.info("first")
    log.info("first")
    with pytest.raises(pytest.fail.Exception, match="2 events are named 'first'"):
        logged_events.one("first")
    with pytest.raises(pytest.fail.Exception, match="0 events are named 'second'; logged was: first"):
        logged_events.one("second")


def test_each_test_begins_with_nothing(logged_events):
    """Events of the test before are gone."""
    assert logged_events == []
    assert REPRESENTED_BY is not None


def test_a_repr_shows_what_matters(logged_events):
    """Level, name and fields; not what is the same in every event."""
    log.warning("stock.low", left=2)
    assert repr(logged_events[0]).startswith("<warning stock.low ")
    assert "agent" not in repr(logged_events[0])
