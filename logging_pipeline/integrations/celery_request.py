"""Celery's worker-side request, which also tells of attempts whose process was killed."""

from __future__ import annotations

from typing import Any

from billiard.exceptions import WorkerLostError
from celery.worker import request

from logging_pipeline.broker import STREAM_TASK
from logging_pipeline.integrations.celery import context_of_headers, tell
from logging_pipeline.journey.bind import scope

__all__ = ["Request"]


class Request(request.Request):  # type: ignore[misc]  # Celery has no types
    """Runs in the worker's main process, which outlives the child that ran the task."""

    def on_failure(self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False) -> Any:
        """The attempt failed; when its process died, nobody but us can say so."""
        error = getattr(exc_info, "exception", None)
        error = getattr(error, "exc", error)  # billiard wraps it together with its traceback
        if isinstance(error, WorkerLostError):
            self._tell("LOST", error)
        return super().on_failure(exc_info, send_failed_event=send_failed_event, return_ok=return_ok)

    def on_timeout(self, soft: bool, timeout: float) -> Any:
        """The attempt took too long; at the hard limit its process is killed before it can speak."""
        if not soft:
            self._tell("TIMEOUT", TimeoutError(f"hard time limit of {timeout} s"))
        return super().on_timeout(soft, timeout)

    def _tell(self, state: str, error: BaseException) -> None:
        if self.name == STREAM_TASK:
            return
        headers = self.request_dict
        with scope(context_of_headers(headers), fresh=True):
            tell(self.name, self.id, state, error=error, started_ns=None, attempt=(headers.get("retries") or 0) + 1)
