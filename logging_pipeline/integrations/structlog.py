"""
structlog: ``structlog.get_logger().info("order.placed", order_id=17)`` enters the pipeline.

Levels are those of the standard library's logger of the same name, so both are changed in one place while the program
runs. ``bind``, ``contextvars``, ``exc_info``, the async methods and `structlog.testing.capture_logs` work as usual.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from contextlib import suppress
from contextvars import copy_context
from typing import Any

import structlog
from structlog.contextvars import STRUCTLOG_KEY_PREFIX, merge_contextvars
from structlog.typing import EventDict, Processor, WrappedLogger

from logging_pipeline.entrance import pipeline

__all__ = ["BoundLogger", "configure_structlog"]

SEVERITY = {
    "debug": 10,
    "info": 20,
    "msg": 20,
    "warn": 30,
    "warning": 30,
    "error": 40,
    "err": 40,
    "failure": 40,
    "exception": 40,
    "critical": 50,
    "fatal": 50,
}


def configure_structlog(processors: Sequence[Processor] = ()) -> None:
    """Send structlog's events through the pipeline; *processors* of the project's own run before it."""
    structlog.configure(
        processors=[merge_contextvars, *processors, _enter_pipeline],
        wrapper_class=BoundLogger,
        logger_factory=_logger,
        context_class=dict,
        cache_logger_on_first_use=True,
    )


class BoundLogger(structlog.stdlib.BoundLogger):
    """
    structlog's own, ending in the pipeline instead of a `logging.Logger`.

    Without processors of the project's own an event goes straight in; with them, or under `capture_logs`, it takes
    structlog's way. The methods of the usual levels are spelled out: each call in between costs the code that logs.
    """

    def debug(self, event: str | None = None, *args: Any, **kw: Any) -> Any:
        """Log *event* with *kw* as its fields, at level debug."""
        if self._logger.isEnabledFor(10):
            self._enter("debug", 10, event, args, kw)

    def info(self, event: str | None = None, *args: Any, **kw: Any) -> Any:
        """Log *event* with *kw* as its fields, at level info."""
        if self._logger.isEnabledFor(20):
            self._enter("info", 20, event, args, kw)

    def warning(self, event: str | None = None, *args: Any, **kw: Any) -> Any:
        """Log *event* with *kw* as its fields, at level warning."""
        if self._logger.isEnabledFor(30):
            self._enter("warning", 30, event, args, kw)

    warn = warning

    def error(self, event: str | None = None, *args: Any, **kw: Any) -> Any:
        """Log *event* with *kw* as its fields, at level error."""
        if self._logger.isEnabledFor(40):
            self._enter("error", 40, event, args, kw)

    def _proxy_to_logger(self, method_name: str, event: str | None = None, *event_args: Any, **event_kw: Any) -> Any:
        """structlog's way to the other levels."""
        severity = SEVERITY[method_name]
        if self._logger.isEnabledFor(severity):
            self._enter(method_name, severity, event, event_args, event_kw)

    def _enter(
        self, method_name: str, severity: int, event: Any, args: tuple[Any, ...], fields: dict[str, Any]
    ) -> None:
        if args:
            event = _formatted(event, args)
        if self._processors != _STRAIGHT_IN:
            with suppress(structlog.DropEvent):
                self._process_event(method_name, event, fields)
            return
        if self._context:
            fields = {**self._context, **fields}
        for variable, value in copy_context().items():
            if variable.name.startswith(STRUCTLOG_KEY_PREFIX) and value is not Ellipsis:
                fields.setdefault(variable.name[_PREFIX_CHARS:], value)
        bound_event = fields.pop("event", None)
        if fields.get("exc_info") is not None:
            fields["exc_info"] = exception_of(fields["exc_info"])
        pipeline.emit(severity, self._logger.name, bound_event if event is None else event, fields)


def _enter_pipeline(logger: WrappedLogger, method_name: str, event_dict: EventDict) -> str:
    """The last of structlog's processors."""
    event = event_dict.pop("event", None)
    if event_dict.get("exc_info") is not None:
        event_dict["exc_info"] = exception_of(event_dict["exc_info"])
    pipeline.emit(SEVERITY.get(method_name, 20), logger.name, event, event_dict)
    return ""


_STRAIGHT_IN = [merge_contextvars, _enter_pipeline]
_PREFIX_CHARS = len(STRUCTLOG_KEY_PREFIX)


def exception_of(exc_info: Any) -> Any:
    """The exception that an ``exc_info`` argument means, whichever of its customary forms it has."""
    if exc_info is True:
        return sys.exc_info()[1]
    if isinstance(exc_info, tuple) and len(exc_info) == 3:
        return exc_info[1]
    return exc_info or None


def _formatted(event: Any, arguments: tuple[Any, ...]) -> Any:
    """*event* with its *arguments*, as far as they can be put into words: a ``__str__`` may raise anything."""
    with suppress(Exception):
        return str(event) % arguments
    with suppress(Exception):
        return f"{event} {arguments!r}"
    return event


def _logger(*names: Any) -> logging.Logger:
    """The standard library's logger of the name given, or of the module that calls."""
    if names:
        return logging.getLogger(str(names[0]))
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _NOT_THE_CALLER:
        frame = frame.f_back
    return logging.getLogger(frame.f_globals.get("__name__") or "?")


_NOT_THE_CALLER = {"structlog", "logging_pipeline"}
