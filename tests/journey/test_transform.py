"""Stage 11: filters may change, add and drop; a fault of theirs costs no event."""

from __future__ import annotations

import json

from logging_pipeline.journey.transform import FAILURE_TAG, Transformed, transform


def decode(line: bytes) -> list[dict]:
    return [json.loads(line)]


def test_what_the_filters_return_goes_on():
    """Events, drops with their reasons, all as the filters said."""
    result = transform(
        [b'{"n":1}', b'{"n":2}'], decode=decode, filters=lambda events: Transformed(events[:1], [(events[1], "dull")])
    )
    assert result == Transformed([{"n": 1}], [({"n": 2}, "dull")])


def test_a_fault_stays_with_the_event_that_caused_it():
    """Of a batch, only the event on which the filters fail is tagged; it goes on as it was."""

    def filters(events: list[dict]) -> Transformed:
        for event in events:
            event["enriched"] = 10 // event["n"]
        return Transformed(events, [])

    result = transform([b'{"n":1}', b'{"n":0,"tags":["old"]}', b'{"n":5}'], decode=decode, filters=filters)
    assert [event.get("enriched") for event in result.events] == [10, None, 2]
    assert result.failed == 1
    assert result.events[1]["tags"] == ["old", FAILURE_TAG]
    assert result.events[1]["error"]["type"] == "ZeroDivisionError"


def test_an_event_that_has_an_error_of_its_own_keeps_it():
    """The filters' fault is not the event's."""

    def filters(events: list[dict]) -> Transformed:
        raise ValueError("no")

    (event,) = transform([b'{"error":{"type":"Mine"}}'], decode=decode, filters=filters).events
    assert event == {"error": {"type": "Mine"}, "tags": [FAILURE_TAG]}
