"""What gunicorn does for the shop beyond its command line: ``gunicorn --config python:shopapp.config.gunicorn``."""

from __future__ import annotations

from typing import Any

from logging_pipeline import metrics


def child_exit(_server: Any, worker: Any) -> None:
    """The gauges of a worker process end with it; its counters stay in the shop's totals."""
    metrics.forget_process(worker.pid)
