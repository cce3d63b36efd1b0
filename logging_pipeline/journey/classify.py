"""
Stage 2 of 12: find the category of an event.

First match wins: the event's declared name; the event's first word, when that is a category; the logger's name or the
nearest parent of it in `BY_LOGGER`; else ``system``.
"""

from __future__ import annotations

from functools import lru_cache

from logging_pipeline.contract import Contract

__all__ = ["BY_LOGGER", "DEFAULT", "classify"]

DEFAULT = "system"

BY_LOGGER: dict[str, str] = {
    "django.request": "http",
    "django.security": "auth",
    "django.server": "http",
    "gunicorn.access": "http",
    "uvicorn.access": "http",
    "celery.app.trace": "task",
    "celery.task": "task",
    "axes": "auth",
}
"""Categories of the standard library's loggers; a project may add its own before `configure`."""


def classify(event: object, logger: str, contract: Contract) -> str:
    """The category of *event* (structlog's event name or a line of text), logged by the logger named *logger*."""
    declared = contract.category_of.get(event) if type(event) is str else None
    if declared is not None:
        return declared
    if isinstance(event, str):
        word = event[:33].partition(".")[0]
        if word in contract.by_name and " " not in event[:128]:
            return word if word != "ledger" else DEFAULT
    return _of_logger(logger)


@lru_cache(1_024)
def _of_logger(name: str) -> str:
    while name:
        category = BY_LOGGER.get(name)
        if category is not None:
            return category
        name = name.rpartition(".")[0]
    return DEFAULT
