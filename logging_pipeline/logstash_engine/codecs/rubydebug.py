"""An event laid out for people, as Ruby prints it; for outputs only."""

from __future__ import annotations

from typing import Any

from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.events.text import ruby_inspect
from logging_pipeline.logstash_engine.events.timestamp import Timestamp
from logging_pipeline.logstash_engine.options import Option, Options, Settings

__all__ = ["OPTIONS", "encode"]

OPTIONS: Options = {"metadata": Option("boolean", default=False)}

_INDENT = 4


def encode(event: Event, settings: Settings) -> bytes:
    """*event* on several lines, with a line end; its metadata only if the option says so."""
    shown = event if settings["metadata"] else {key: value for key, value in event.items() if key != "@metadata"}
    return (_laid_out(shown, 0) + "\n").encode("utf-8", "replace")


def _laid_out(value: Any, depth: int) -> str:
    inside, outside = " " * _INDENT * (depth + 1), " " * _INDENT * depth
    if value.__class__ is dict and value:
        width = max(len(ruby_inspect(key)) for key in value)
        lines = [
            f"{inside}{ruby_inspect(key).rjust(width)} => {_laid_out(item, depth + 1)}" for key, item in value.items()
        ]
        return "{\n" + ",\n".join(lines) + f"\n{outside}}}"
    if value.__class__ is list and value:
        lines = [f"{inside}[{index}] {_laid_out(item, depth + 1)}" for index, item in enumerate(value)]
        return "[\n" + ",\n".join(lines) + f"\n{outside}]"
    return value.text if value.__class__ is Timestamp else ruby_inspect(value)
