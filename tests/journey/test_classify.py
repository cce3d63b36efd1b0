"""Stage 2: every event has exactly one category."""

from __future__ import annotations

import pytest

from logging_pipeline.journey.classify import classify
from tests.journey.documents import CONTRACT


class Name(str):
    """A name of somebody's own kind, which may say anything about itself."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("event", "logger", "category"),
    [
        ("order.placed", "anything", "order"),
        ("order.not_declared", "anything", "order"),
        (Name("order.placed"), "anything", "order"),
        ("auth.login", "shop", "auth"),
        ("cart.emptied", "shop", "system"),
        ("order placed", "shop", "system"),
        ("order. And a sentence", "shop", "system"),
        ("Not found: /x", "django.request", "http"),
        ("x", "django.request.deeper", "http"),
        ("x", "django.requests", "system"),
        ("x", "celery.app.trace", "task"),
        ("x", "", "system"),
        ("", "shop", "system"),
        (None, "shop", "system"),
        (17, "django.security.DisallowedHost", "auth"),
        ("ledger.totals", "a forger", "system"),
        ("o" * 100_000, "shop", "system"),
    ],
)
def test_the_name_decides_then_the_logger_then_it_is_system(event, logger, category):
    """The event's first word, where it is a category; else the logger or its nearest parent; else ``system``."""
    assert classify(event, logger, CONTRACT) == category
