"""
What the modules of a plugin folder have in common.

A filter's module has ``OPTIONS`` and ``compile(settings, context)``, which returns the function that works on one
event. Its outcome is MATCHED (the common options run next), UNMATCHED (nothing to do) or FAILED (the plugin has tagged
the event). A module with ``MULTIPLIES = True`` returns a function from one event to a list of them, or to None where
the event stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from logging_pipeline.logstash_engine.events.fields import Event, FieldError, parse_reference
from logging_pipeline.logstash_engine.events.fields import Path as FieldPath
from logging_pipeline.logstash_engine.language.syntax import Place
from logging_pipeline.logstash_engine.options import Option, Options, Settings, fail

__all__ = [
    "COMMON_OPTIONS",
    "FAILED",
    "MATCHED",
    "UNMATCHED",
    "Apply",
    "Context",
    "Multiply",
    "Outcome",
    "ecs_option",
]

Outcome = bool | None
MATCHED: Final = True
UNMATCHED: Final = False
FAILED: Final = None

Apply = Callable[[Event], Outcome]
Multiply = Callable[[Event], list[Event] | None]

COMMON_OPTIONS: Options = {
    "add_field": Option("hash", default={}),
    "add_tag": Option("array", default=[]),
    "enable_metric": Option("boolean", default=True),
    "id": Option("string"),
    "periodic_flush": Option("boolean", default=False),
    "remove_field": Option("array", default=[]),
    "remove_tag": Option("array", default=[]),
}


def ecs_option() -> Option:
    """The option ``ecs_compatibility``, which every plugin with two sets of names has."""
    return Option("string", allowed=("disabled", "v1", "v8"))


@dataclass(frozen=True, slots=True)
class Context:
    """
    What a plugin is compiled in.

    Args:
        place: where the plugin stands in the configuration.
        folder: relative paths in options start there.
        ecs: whether field names follow ECS (the default, v8) or the names from before (disabled).
        matched: runs the plugin's common options on an event; only a plugin that multiplies calls it itself.
    """

    place: Place
    folder: Path
    ecs: bool
    matched: Callable[[Event], None]

    def refuse(self, problem: str, settings: Settings | None = None, option: str | None = None) -> NoReturn:
        """
        Refuse the configuration, at the *option* if it is given.

        Raises:
            LogstashConfigError: always.
        """
        place = self.place if settings is None or option is None else settings.places.get(option, self.place)
        raise fail(place, problem)

    def path(self, settings: Settings, option: str) -> FieldPath:
        """The field that *option* names, parsed."""
        try:
            return parse_reference(settings[option])
        except FieldError as error:
            self.refuse(f"the option {option!r}: {error}", settings, option)
