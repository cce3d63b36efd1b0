"""Stage 1: the context of the running code, and no other's."""

from __future__ import annotations

import asyncio
import threading

from logging_pipeline.journey.bind import LATE, bind, bound, release, scope


def test_what_is_bound_is_there_until_it_is_released():
    """A token puts the context back as it was."""
    token = bind({"trace.id": "t"})
    inner = bind({"span.id": "s"})
    assert bound() == {"trace.id": "t", "span.id": "s"}
    release(inner)
    assert bound() == {"trace.id": "t"}
    release(token)
    assert bound() == {}


def test_a_fresh_scope_knows_nothing_of_the_one_around_it():
    """A request or a task is a unit of its own, even in a thread that did something before."""
    with scope({"a": 1}), scope({"b": 2}, fresh=True):
        assert bound() == {"b": 2}
    assert bound() == {}


def test_an_event_keeps_the_context_it_was_logged_in():
    """The mapping is never changed in place."""
    with scope({"a": 1}):
        before = bound()
        with scope({"a": 2}):
            assert bound() == {"a": 2}
        assert before == {"a": 1}


def test_what_becomes_known_late_is_asked_for_at_each_call():
    """The user is known only after the authentication middleware."""
    known: dict[str, str] = {}
    with scope({"a": 1, LATE: lambda: known}):
        assert bound() == {"a": 1}
        known["user.id"] = "7"
        assert bound() == {"a": 1, "user.id": "7"}


def test_the_events_of_a_request_share_one_context():
    """What is asked late is joined once: later stages make of one mapping what is common to its events."""
    with scope({"a": 1, LATE: lambda: {"user.id": "7"}}):
        assert bound() is bound()
        with scope({"b": 2}):
            assert bound() == {"a": 1, "b": 2, "user.id": "7"}


def test_threads_and_coroutines_have_contexts_of_their_own():
    """What one binds, another does not see."""
    seen = []

    async def task(name: str) -> None:
        with scope({"name": name}):
            await asyncio.sleep(0)
            seen.append(bound()["name"])

    async def both() -> None:
        await asyncio.gather(task("one"), task("two"))

    with scope({"name": "main"}):
        asyncio.run(both())
        thread = threading.Thread(target=lambda: seen.append(dict(bound())))
        thread.start()
        thread.join()
    assert seen == ["one", "two", {}]
