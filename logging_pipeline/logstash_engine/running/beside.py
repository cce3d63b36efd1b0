"""What an input knows beside the text: who sent it, from where, the how manieth it is."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from logging_pipeline.logstash_engine.events.fields import Event, FieldError, Path, getter, setter

__all__ = ["fill"]


def fill(event: Event, path: Path, value: Any) -> None:
    """Write *value* where nothing is; where the event has something else in its way (``host => "web1"``) it stays."""
    if getter(path)(event) is None:
        with suppress(FieldError):
            setter(path)(event, value)
