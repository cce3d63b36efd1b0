"""The composition root: reads the settings once and puts a process' end of the pipeline together."""

from __future__ import annotations

import _thread
import atexit
import dataclasses
import multiprocessing.util
import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

from logging_pipeline import entrance
from logging_pipeline.broker import Pressure, sender
from logging_pipeline.console_output import ConsoleOutput
from logging_pipeline.integrations.python_logstash import address, tcp_sender
from logging_pipeline.integrations.standard_logging import apply_levels, take_over_root
from logging_pipeline.integrations.structlog import configure_structlog
from logging_pipeline.journey.pack import Batch
from logging_pipeline.journey.ship import Send
from logging_pipeline.producer import Producer
from logging_pipeline.settings import Settings, adopt, configured, load

__all__ = ["configure", "configured", "stand_aside"]

_standing_aside = False


def configure(**given: Any) -> Settings:
    """
    Send every log event of this process through the pipeline.

    Call it once, at the end of Django's settings or at the start of a program; a second call replaces the first.

    Args:
        given: settings by name (``app="shop"``); what is not given comes from ``LOGPIPE_…`` variables.

    Raises:
        ConfigurationError: a setting is unknown or wrong.
    """
    settings = load(given)
    adopt(settings)
    if _standing_aside:
        return settings
    entrance.install(_producer(settings))
    take_over_root(settings.level, settings.levels_by_logger)
    configure_structlog()
    _hook_exits()
    return settings


def _producer(settings: Settings) -> Producer:
    somewhere = bool(settings.redis_url or settings.logstash_tcp)
    watch = ConsoleOutput() if settings.console and (not somewhere or sys.stderr.isatty()) else None
    if settings.redis_url:
        pressure = Pressure(settings, apply_levels)
        return Producer(settings, make_send=lambda: sender(settings), pressure=pressure, watch=watch)
    if settings.logstash_tcp:
        host, port = address(settings.logstash_tcp)
        return Producer(settings, make_send=lambda: tcp_sender(host, port, settings.ship_timeout_s), watch=watch)
    prompt = dataclasses.replace(settings, flush_interval_s=0.05)
    return Producer(prompt, make_send=_nowhere, watch=watch, numbers_on_disk=False)


def stand_aside() -> None:
    """
    From now on `configure` only reads settings.

    For the processes that carry events (the log worker, the consumer): what they say about themselves goes to standard
    error and to metrics, or each event would beget another.
    """
    global _standing_aside
    _standing_aside = True
    entrance.install(None)


def close() -> None:
    """Hand over what was collected; call it where a process ends in a way of its own."""
    made = entrance.installed()
    if made is not None:
        made.close()


def _nowhere() -> Send:
    def send(batch: Batch) -> None:
        """Without a broker the console has had the events already."""

    return send


# --- the ways in which a process ends ---

_hooked_in: int | None = None


def _hook_exits() -> None:
    """
    Each way has its own hook: `atexit` for a plain end and gunicorn's children, a finaliser for `multiprocessing`'s
    (which skip atexit), SIGTERM for a program that has no handler; Celery's children have a signal of their own.
    """
    global _hooked_in
    if _hooked_in is not None:
        return
    _hooked_in = os.getpid()
    atexit.register(close)
    _hook_finaliser()  # a child that was spawned or came from a fork server configures anew
    multiprocessing.util.register_after_fork(_hook_finaliser, _hook_finaliser_in_child)
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _on_sigterm)


def _hook_finaliser() -> None:
    multiprocessing.util.Finalize(None, close, exitpriority=0)


def _hook_finaliser_in_child(hook: Any) -> None:
    hook()


def _on_sigterm(number: int, _frame: FrameType | None) -> None:
    """
    Close, then end as the signal wants it.

    In a thread of its own: the main thread, which this interrupts, may hold the very lock that closing needs. A second
    signal ends the process at once.
    """
    signal.signal(number, signal.SIG_DFL)
    _thread.start_new_thread(_close_and_end, (number,))


def _close_and_end(number: int) -> None:
    try:
        close()
    finally:
        os.kill(os.getpid(), number)
