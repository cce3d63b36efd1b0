"""The standard library's `logging`: what Django, Celery, gunicorn and any library record takes the same way."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from logging_pipeline.entrance import pipeline
from logging_pipeline.sensitive import sql_without_values
from logging_pipeline.stderr import complain

__all__ = ["ALREADY_TOLD", "TOLD_OF", "PipelineHandler", "apply_levels", "take_over_root"]

_SQL = "django.db.backends"
"""The loggers below this one tell SQL with its values, where anything may stand."""

_CELERY_CONSUMER, _WHOLE_MESSAGE = "celery.worker.consumer.consumer", "\nThe full contents of the message"
"""Celery tells all of a message that it cannot use, arguments included."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}

_OWN = ("kombu", "redis", "elastic_transport", "elasticsearch", "amqp", "logging_pipeline")
"""Loggers of what carries the events: below a warning they would only speak of the carrying."""


ALREADY_TOLD = {"gunicorn.access", "uvicorn.access", "django.server"}
"""Loggers whose every line an integration tells in an event of its own."""

_KEEP_TO_THEMSELVES = ("gunicorn.error", "uvicorn")
"""Servers' loggers, which do not propagate to the root; what they print themselves stays as it is."""


TOLD_OF = "_logpipe_told_of"
"""Attribute of a request that has, or will have, an event of its own."""


class PipelineHandler(logging.Handler):
    """Puts log records into the pipeline; extra attributes become fields."""

    def createLock(self) -> None:  # noqa: N802  # logging's name
        """No lock: the buffer behind has its own, and the handler has no state."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """Enter *record*; never raises."""
        name = record.name or "root"  # one that was made by hand may have none
        if name in ALREADY_TOLD or _told_by_the_request_event(record):
            return
        fields = {key: value for key, value in record.__dict__.items() if key not in _STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            fields["exc_info"] = record.exc_info[1]
        statement = fields.pop("sql", None) if name.startswith(_SQL) else None
        if isinstance(statement, str):
            fields.pop("params", None)
            pipeline.emit(record.levelno, name, sql_without_values(statement), fields)
        else:
            pipeline.emit(record.levelno, name, _line(record), fields)


def take_over_root(level: str, levels: Mapping[str, str]) -> PipelineHandler:
    """Make a `PipelineHandler` the root logger's only handler, and set the levels."""
    root = logging.getLogger()
    handler = PipelineHandler()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _KEEP_TO_THEMSELVES:
        logger = logging.getLogger(name)
        logger.handlers[:] = [other for other in logger.handlers if type(other) is not PipelineHandler]
        if not logger.propagate:
            logger.addHandler(handler)
    for name in _OWN:
        logging.getLogger(name).setLevel(logging.WARNING)
    apply_levels(levels)
    logging.captureWarnings(True)
    return handler


def apply_levels(levels: Mapping[str, str]) -> None:
    """Set the level of each logger in *levels*; the empty name is the root. An unknown level is told and left out."""
    for name, level in levels.items():
        number = logging.getLevelNamesMapping().get(level.upper())
        if number is None:
            complain("levels", f"logger {name!r}: {level!r} is no level; use debug, info, warning, error or critical")
        else:
            logging.getLogger(name).setLevel(number)


def _line(record: logging.LogRecord) -> Any:
    try:
        line = record.getMessage()
        return line.partition(_WHOLE_MESSAGE)[0] if record.name == _CELERY_CONSUMER else line
    except Exception:  # noqa: BLE001  # wrong arguments, or any code in a __str__: the record still is an event
        return record.msg


def _told_by_the_request_event(record: logging.LogRecord) -> bool:
    """Django's own line about a response, where the middleware's ``http.request`` says the same and more."""
    return record.name == "django.request" and hasattr(getattr(record, "request", None), TOLD_OF)
