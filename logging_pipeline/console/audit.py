"""What staff do in the console, as events of the category ``audit``."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.db import models, router, transaction

from logging_pipeline.entrance import pipeline

__all__ = ["told", "told_after"]

LOGGER = "logging_pipeline.console"


def told(event: str, **fields: Any) -> None:
    """Log *event*; who did it is in the request's context."""
    pipeline.emit(logging.INFO, LOGGER, event, fields)


def told_after(model: type[models.Model], event: str, **fields: Any) -> None:
    """Log *event* when what was written to *model*'s database is there to stay."""
    transaction.on_commit(partial(told, event, **fields), using=router.db_for_write(model))
