"""
structlog: ``structlog.get_logger().info("order.placed", order_id=17)`` enters the pipeline.

Levels are those of the standard library's logger of the same name, so both are changed in one place while the program
runs. ``bind``, ``contextvars``, ``exc_info``, the async methods and `structlog.testing.capture_logs` work as usual.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from logging_pipeline.entrance import emit

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
        processors=[structlog.contextvars.merge_contextvars, *processors, _enter_pipeline],
        wrapper_class=BoundLogger,
        logger_factory=_logger,
        context_class=dict,
        cache_logger_on_first_use=True,
    )


class BoundLogger(structlog.stdlib.BoundLogger):
    """structlog's own, ending in the pipeline instead of a `logging.Logger`."""

    def _proxy_to_logger(self, method_name: str, event: str | None = None, *event_args: Any, **event_kw: Any) -> Any:
        if not self._logger.isEnabledFor(SEVERITY[method_name]):
            return None
        if event_args:
            event = _formatted(event, event_args)
        try:
            return self._process_event(method_name, event, event_kw) and None
        except structlog.DropEvent:
            return None


def _enter_pipeline(logger: WrappedLogger, method_name: str, event_dict: EventDict) -> str:
    event = event_dict.pop("event", None)
    exc_info = event_dict.get("exc_info")
    if exc_info is not None:
        event_dict["exc_info"] = exception_of(exc_info)
    emit(SEVERITY.get(method_name, 20), logger.name, event, event_dict)
    return ""


def exception_of(exc_info: Any) -> Any:
    """The exception that an ``exc_info`` argument means, whichever of its customary forms it has."""
    if exc_info is True:
        return sys.exc_info()[1]
    if isinstance(exc_info, tuple) and len(exc_info) == 3:
        return exc_info[1]
    return exc_info or None


def _formatted(event: str | None, arguments: tuple[Any, ...]) -> str:
    try:
        return str(event) % arguments
    except (TypeError, ValueError, KeyError):
        return f"{event} {arguments!r}"


def _logger(*names: Any) -> logging.Logger:
    """The standard library's logger of the name given, or of the module that calls."""
    if names:
        return logging.getLogger(str(names[0]))
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _NOT_THE_CALLER:
        frame = frame.f_back
    return logging.getLogger(frame.f_globals.get("__name__") or "?")


_NOT_THE_CALLER = {"structlog", "logging_pipeline"}
