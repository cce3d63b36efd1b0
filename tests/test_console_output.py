"""Events as lines for people."""

from __future__ import annotations

import io

from logging_pipeline.console_output import ConsoleOutput
from tests.journey.documents import masked


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def printed(document: dict, stream: io.StringIO | None = None) -> str:
    stream = stream or io.StringIO()
    ConsoleOutput(stream)(document)
    return stream.getvalue()


def test_a_line_has_time_level_message_and_values():
    """What is the same in every event stays out."""
    line = printed(masked("order.placed", order_id="A-17", total_cents=5, city="Bonn"))
    assert line[12:] == " info     Order A-17 placed  shop.order.id=A-17 shop.order.total_cents=5 city=Bonn\n"
    assert line[2] == line[5] == ":"


def test_a_stack_trace_stands_below():
    """Indented, as Python prints it."""
    try:
        raise ValueError("no stock")
    except ValueError as error:
        lines = printed(masked("order.placed", exc_info=error)).splitlines()
    assert lines[1] == "    Traceback (most recent call last):"
    assert lines[-1] == "    ValueError: no stock"


def test_control_characters_cannot_steer_the_terminal():
    """Colours are the console's own, never an event's."""
    text = printed(masked("evil\x1b[2J\x07\r\n", key="\x1b]0;title\x07"))
    assert "\x1b" not in text
    assert text.count("\n") == 1
    assert "\\x1b[2J" in text


def test_a_terminal_gets_colours():
    """A pipe does not."""
    assert "\x1b[32minfo" in printed(masked("x"), Terminal())


def test_a_terminal_that_is_gone_costs_nothing():
    """The process goes on without it."""
    stream = io.StringIO()
    output = ConsoleOutput(stream)
    stream.close()
    output(masked("x"))
