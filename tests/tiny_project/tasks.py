"""Tasks that end in every way in which a task can end."""

from __future__ import annotations

import os
import signal
import time

import structlog
from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

log = structlog.get_logger()


@shared_task(bind=True, max_retries=3, default_retry_delay=0)
def fragile(self, failures: int = 1) -> None:
    """Fails as often as it is told, and is tried again."""
    log.info("trying", retries=self.request.retries)
    if self.request.retries < failures:
        raise self.retry(exc=ValueError("not yet"), kwargs={"failures": failures})


@shared_task
def failing() -> None:
    """Fails for good."""
    raise ValueError("boom")


@shared_task(acks_late=True)
def killed_once() -> None:
    """Its process is killed the first time."""
    marker = os.environ["TINY_MARKER"]
    if not os.path.exists(marker):  # noqa: PTH110  # one call more would be one line more
        with open(marker, "x"):  # noqa: PTH123
            pass
        os.kill(os.getpid(), signal.SIGKILL)
    log.info("survived")


@shared_task(time_limit=1)
def endless() -> None:
    """Runs into the hard time limit."""
    time.sleep(60)


@shared_task(soft_time_limit=1)
def stoppable() -> None:
    """Runs into the soft time limit and says so."""
    try:
        time.sleep(60)
    except SoftTimeLimitExceeded:
        log.warning("stopped")
        raise


@shared_task
def printing() -> None:
    """Writes to standard output and standard error, and logs by the standard library."""
    print("printed")
    log.info("worked")
