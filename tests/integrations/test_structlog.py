"""structlog as its users know it, ending in the pipeline."""

from __future__ import annotations

import asyncio
import logging

import pytest
import structlog
from structlog.testing import capture_logs

from logging_pipeline.integrations.structlog import configure_structlog

log = structlog.get_logger("shop.orders")


def test_an_event_with_its_fields(logged_events):
    """The first argument names what happened, keywords say the rest."""
    log.info("auth.login", outcome="success", device="phone", tries=2)
    event = logged_events.one("auth.login")
    assert event["log.level"] == "info"
    assert event["log.logger"] == "shop.orders"
    assert event["event.outcome"] == "success"
    assert (event["labels.device"], event["numeric_labels.tries"]) == ("phone", 2)


@pytest.mark.parametrize(
    ("method", "level"),
    [("info", "info"), ("warning", "warning"), ("warn", "warning"), ("error", "error"), ("critical", "critical"),
     ("fatal", "critical"), ("exception", "error")],
)  # fmt: skip
def test_every_method_has_its_level(logged_events, method, level):
    """The names are structlog's, the levels the standard library's."""
    getattr(log, method)("x")
    assert logged_events.one("x")["log.level"] == level


def test_bind_unbind_and_new(logged_events):
    """A bound logger carries its values; the one it came from does not."""
    bound = log.bind(cart=5, city="Bonn")
    bound.info("bound")
    bound.unbind("city").info("unbound")
    bound.new(other=1).info("new")
    log.info("plain")
    labels = {e.name: {k for k in e if "labels" in k} for e in logged_events}
    assert labels == {
        "bound": {"numeric_labels.cart", "labels.city"},
        "unbound": {"numeric_labels.cart"},
        "new": {"numeric_labels.other"},
        "plain": set(),
    }


def test_contextvars(logged_events):
    """What is bound to the context is in every event until it is cleared."""
    with structlog.contextvars.bound_contextvars(tenant="north"):
        log.info("inside")
    log.info("outside")
    assert logged_events.one("inside")["labels.tenant"] == "north"
    assert "labels.tenant" not in logged_events.one("outside")


def broken() -> None:
    raise KeyError("shelf")


@pytest.mark.parametrize("how", ["exception", "true", "instance", "tuple", "keyword"])
def test_exc_info_in_each_of_its_forms(logged_events, how):
    """All mean the same exception."""
    try:
        broken()
    except KeyError as error:
        one = error
        calls = {
            "exception": lambda: log.exception("x"),
            "true": lambda: log.error("x", exc_info=True),  # noqa: G201  # one of the forms
            "instance": lambda: log.error("x", exc_info=one),
            "tuple": lambda: log.error("x", exc_info=(KeyError, one, one.__traceback__)),
            "keyword": lambda: log.error("x", reason=one),
        }
        calls[how]()
    event = logged_events.one("x")
    assert (event["error.type"], event["error.message"]) == ("KeyError", "'shelf'")
    assert "in broken" in event["error.stack_trace"]


def test_positional_arguments(logged_events):
    """As with the standard library; a wrong number of them costs nothing."""
    log.info("%s of %d", "two", 3)
    log.info("%s of %d", "two")
    log.info("100 %", 5)
    assert [e["message"] for e in logged_events] == ["two of 3", "%s of %d ('two',)", "100 % (5,)"]


def test_arguments_that_cannot_be_text_cost_nothing(logged_events):
    """Their ``__str__`` and ``__repr__`` may raise anything."""

    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    log.info("given %s", Broken())
    log.info(Broken(), 1)
    first, second = logged_events
    assert first["message"] == "given %s"
    assert "Broken" in second["message"]


def test_who_comes_first(logged_events):
    """A keyword of the call wins over what is bound to the logger, and that over what is bound to the context."""
    with structlog.contextvars.bound_contextvars(where="context", city="Bonn", shelf=1):
        log.bind(where="logger", city="Kiel").info("x", where="call")
    event = logged_events.one("x")
    assert (event["labels.where"], event["labels.city"], event["numeric_labels.shelf"]) == ("call", "Kiel", 1)


def test_processors_of_the_projects_own(logged_events):
    """They run before the pipeline, and see what structlog's users expect them to see."""
    seen = []

    def note(logger, method, event):
        seen.append((logger.name, method, dict(event)))
        return {**event, "noted": "yes"}

    configure_structlog([note])
    try:
        with structlog.contextvars.bound_contextvars(tenant="north"):
            structlog.get_logger("shop.own").bind(a=1).warning("x %s", "y", b=2)
    finally:
        configure_structlog()
    assert seen == [("shop.own", "warning", {"event": "x y", "a": 1, "b": 2, "tenant": "north"})]
    assert logged_events.one("x y")["labels.noted"] == "yes"


def test_the_async_methods(logged_events):
    """They can be awaited and keep the context."""

    async def main() -> None:
        structlog.contextvars.bind_contextvars(tenant="north")
        await log.ainfo("awaited", n=1)
        await log.aerror("awaited too")

    asyncio.run(main())
    assert logged_events.one("awaited")["labels.tenant"] == "north"
    assert logged_events.one("awaited too")["log.level"] == "error"


def test_capture_logs(logged_events):
    """structlog's own way to test sees the events, and nothing is shipped meanwhile."""
    with capture_logs() as captured:
        structlog.get_logger("shop.fresh").info("captured", n=1)
    assert captured == [{"event": "captured", "n": 1, "log_level": "info"}]
    assert logged_events == []


def test_levels_are_those_of_the_standard_library(logged_events):
    """Changed in one place, while the program runs, for both."""
    log.debug("too low")
    logging.getLogger("shop.orders").setLevel(logging.DEBUG)
    try:
        log.debug("now")
        logging.getLogger("shop.orders").debug("this too")
    finally:
        logging.getLogger("shop.orders").setLevel(logging.NOTSET)
    log.debug("again too low")
    assert [e.name for e in logged_events] == ["now", "this too"]
    assert not log.isEnabledFor(logging.DEBUG)


def test_a_logger_without_a_name_has_its_modules(logged_events):
    """As ``logging.getLogger(__name__)`` would."""
    structlog.get_logger().info("x")
    assert logged_events.one("x")["log.logger"] == __name__


def test_a_dropped_event_is_dropped(logged_events):
    """A processor of the project's own may say no."""

    def drop(logger, method, event):
        raise structlog.DropEvent

    structlog.wrap_logger(logging.getLogger("x"), processors=[drop], wrapper_class=type(log.bind())).info("x")
    assert logged_events == []


def test_odd_events_are_events(logged_events):
    """No name, a number, an exception as the name: nothing raises."""
    log.info(None)
    log.info(5)
    log.error(ValueError("boom"))
    log.info("x", **{"event.id": "forged", "level": "own"})
    assert [e["message"] for e in logged_events][:3] == ["None", "5", "ValueError: boom"]
    assert logged_events[3]["labels.level"] == "own"
