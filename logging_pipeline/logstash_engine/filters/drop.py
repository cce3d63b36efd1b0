"""Lets events vanish: ``drop { }``, or a part of them: ``drop { percentage => 40 }``. Each is counted and reported."""

from __future__ import annotations

import random
from collections.abc import Callable

from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import Context

__all__ = ["DROPS", "OPTIONS", "compile"]

DROPS = True

OPTIONS: Options = {"percentage": Option("number", default=100)}


def compile(settings: Settings, _context: Context) -> Callable[[Event], bool]:
    """Compile to a function that says whether an event is to go."""
    percentage = settings["percentage"]
    if percentage >= 100:
        return lambda _event: True
    return lambda _event: random.random() < percentage / 100  # noqa: S311 - a sample, not a secret
