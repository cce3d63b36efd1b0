"""How conditions compare values: with Java's and Ruby's strictness about kinds, and with their surprises."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from logging_pipeline.logstash_engine.events.fields import MISSING, Event
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.events.text import java_plain, ruby_text
from logging_pipeline.logstash_engine.events.timestamp import Timestamp

__all__ = ["CONDITION_ERROR", "ConditionError", "among", "contains", "field_in_field", "order", "same", "truthy"]

CONDITION_ERROR = "_conditionerror"  # where Logstash stops the pipeline, the event is tagged and goes on

_NUMBERS = frozenset({int, float, Decimal})


class ConditionError(Exception):
    """A comparison that Logstash cannot make: it drops the event there and then."""


def truthy(value: Any) -> bool:
    """Everything but missing, null, false and the texts "" and "false"."""
    return value is not MISSING and value is not None and value is not False and value != "" and value != "false"


def same(left: Any, right: Any) -> bool:
    """Equal in kind and value: 1 is neither 1.0 nor true, and missing is not null."""
    if left.__class__ is not right.__class__:
        return False
    if left.__class__ is list:
        return len(left) == len(right) and all(map(same, left, right))
    if left.__class__ is dict:
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    return left is right or bool(left == right)


def order(left: Any, right: Any) -> int:
    """
    Negative, zero or positive as *left* comes before, with or after *right*.

    Null and booleans on the left come with everything, so that ``>=`` and ``<=`` hold and ``<`` and ``>`` do not.

    Raises:
        ConditionError: one is missing, a list or a hash, or a number meets a text.
    """
    kind = left.__class__
    if left is None or kind is bool:
        return 0
    if kind is Timestamp:
        return _compare(left, right) if right.__class__ is Timestamp else 0
    if kind is str and right.__class__ is str:
        return _compare(left, right)
    if kind in _NUMBERS and right.__class__ in _NUMBERS:
        return _compare(left, right)
    raise ConditionError(f"cannot order {_described(left)} against {_described(right)}")


def _compare(left: Any, right: Any) -> int:
    return -1 if left < right else 0 if left == right else 1


def _described(value: Any) -> str:
    if value is MISSING:
        return "a missing field"
    if value.__class__ is list or value.__class__ is dict:
        return "a list" if value.__class__ is list else "a hash"
    return f"{value!r}"


def among(value: Any, texts: frozenset[str]) -> bool:
    """Whether the text of *value* is one of a literal list's."""
    if value is MISSING:
        return False
    return (java_plain(value) if value.__class__ in (list, dict) else ruby_text(value)) in texts


def contains(container: Any, value: Any) -> bool:
    """Whether a field's list has the literal *value* among its members, or its text has it as a part."""
    if container.__class__ is list:
        return any(same(member, value) for member in container)
    return container.__class__ is str and value.__class__ is str and value in container


def field_in_field(event: Event, value: Any, container: Any) -> bool:
    """``[value] in [container]``; a missing value and a list stop a real pipeline, here the event is tagged."""
    if value.__class__ is list or value.__class__ is dict:
        return False
    if container.__class__ is list:
        if value is MISSING:
            if container:
                tag(event, CONDITION_ERROR)
            return False
        return contains(container, value)
    if container.__class__ is str and value.__class__ is str:
        return value in container
    return value is not MISSING and same(value, container)
