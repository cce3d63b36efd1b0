"""
What the shop adds to the category ``auth``: the library logs log-ins, log-outs and failed attempts itself,
and `services` logs sign-ups.
"""

from __future__ import annotations

from typing import Any

import structlog
from axes.signals import user_locked_out

__all__ = ["connect"]

log = structlog.get_logger("shopapp.accounts")


def connect() -> None:
    """Listen to django-axes, once per process."""
    user_locked_out.connect(_locked_out, dispatch_uid="accounts.locked_out")


def _locked_out(**_: Any) -> None:
    log.warning("auth.locked", outcome="failure", reason="too_many_failures")
