"""The standard library's records take the same way as structlog's events."""

from __future__ import annotations

import logging
import warnings

import pytest

from logging_pipeline.integrations.standard_logging import PipelineHandler, apply_levels, take_over_root

logger = logging.getLogger("library.part")


@pytest.fixture(autouse=True)
def root():
    """The root logger as it was, afterwards."""
    root = logging.getLogger()
    before, level, disabled = list(root.handlers), root.level, logging.getLogger("kombu").level
    take_over_root("info", {"": "info"})
    yield root
    root.handlers[:] = before
    root.setLevel(level)
    logging.getLogger("kombu").setLevel(disabled)


def test_a_record_with_arguments_and_extra(logged_events):
    """Its text is the message, extra attributes are fields."""
    logger.warning("careful %s", "now", extra={"shelf": 5, "city": "Bonn"})
    event = logged_events.one("careful now")
    assert (event["log.level"], event["log.logger"]) == ("warning", "library.part")
    assert (event["numeric_labels.shelf"], event["labels.city"]) == (5, "Bonn")


def test_a_record_with_an_exception(logged_events):
    """``logger.exception`` brings type, message and trace."""
    try:
        1 / 0  # noqa: B018  # raises
    except ZeroDivisionError:
        logger.exception("it broke")
    assert logged_events.one("it broke")["error.type"] == "ZeroDivisionError"


@pytest.mark.parametrize(("text", "arguments"), [("%d", ("x",)), ("%s %s", ("x",)), ("100%", ("x",))])
def test_wrong_arguments_cost_nothing(logged_events, text, arguments, capsys):
    """The standard library would print a complaint and lose the record."""
    take_over_root("info", {})  # pytest's own handlers would raise
    logger.info(text, *arguments)
    assert logged_events.one(text)
    assert capsys.readouterr().err == ""


def test_a_message_that_cannot_be_text_costs_nothing(logged_events):
    """An object in the message's place, or among its arguments, whose ``__str__`` raises."""

    class Broken:
        def __str__(self) -> str:
            raise RuntimeError

    take_over_root("info", {})  # pytest's own handlers would raise
    logger.info(Broken())
    logger.info("given %s", Broken())
    first, second = logged_events
    assert first["message"].startswith("tests.integrations.test_standard_logging.test_a_message")
    assert second["message"] == "given %s"


def test_a_record_without_a_name_is_the_root_loggers(logged_events):
    """As it comes from `logging.makeLogRecord`, and from another process over a socket."""
    take_over_root("info", {})
    logging.getLogger().handle(logging.makeLogRecord({"msg": "from afar", "levelno": 20}))
    assert logged_events.one("from afar")["log.logger"] == "root"


def test_a_level_of_ones_own_has_the_next_lower_name(logged_events):
    """Any number is a level."""
    logger.log(25, "notice")
    assert logged_events.one("notice")["log.level"] == "info"
    assert logged_events.one("notice")["event.severity"] == 25


def test_warnings_are_events(logged_events):
    """``warnings.warn`` goes through ``py.warnings``."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)  # pytest has put its own hook in place since
        take_over_root("info", {})
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(False)
    assert any("old" in e["message"] for e in logged_events)


@pytest.mark.parametrize("name", ["kombu", "redis", "elastic_transport", "amqp", "logging_pipeline"])
def test_what_carries_the_events_is_quiet_below_a_warning(logged_events, name):
    """Or each batch would log about its own carrying."""
    logging.getLogger(name).info("carried")
    logging.getLogger(name).warning("trouble")
    assert [e.name for e in logged_events] == ["trouble"]


def test_levels_by_name_are_applied_and_a_wrong_one_is_told(logged_events, capsys):
    """A typing error in Redis changes nothing but standard error."""
    apply_levels({"library.part": "error", "library.other": "loud"})
    logger.warning("too low")
    logging.getLogger("library.other").warning("still there")
    apply_levels({"library.part": "notset"})
    logger.warning("heard")
    assert [e.name for e in logged_events] == ["still there", "heard"]
    assert "'loud' is no level" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["gunicorn.error", "uvicorn"])
def test_a_server_that_keeps_its_lines_to_itself_is_heard(logged_events, name):
    """gunicorn's and uvicorn's loggers do not propagate; once configured, each line comes once."""
    server = logging.getLogger(name)
    propagate, handlers = server.propagate, list(server.handlers)
    server.propagate = False
    try:
        take_over_root("info", {"": "info"})
        take_over_root("info", {"": "info"})
        server.warning("worker timeout")
    finally:
        server.propagate, server.handlers[:] = propagate, handlers
    assert len(logged_events.named("worker timeout")) == 1


def test_the_handler_has_no_lock():
    """Two threads never wait for each other in it."""
    assert PipelineHandler().lock is None
