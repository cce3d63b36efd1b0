"""
The Celery app that carries logs: ``celery --app celery_workers.logs:app worker``.

Apart from the shop's: another Redis database, another queue, so that a backlog of logs cannot starve the shop, and a
short visibility timeout for logs does not start the shop's long tasks twice. It serves its metrics on
``LOGPIPE_METRICS_PORT`` where that is set.
"""

from typing import Any

from celery.signals import worker_init

import logging_pipeline
from logging_pipeline import metrics
from logging_pipeline.broker import logs_app

# What this worker says about itself must not enter the pipeline that it serves.
logging_pipeline.stand_aside()
settings = logging_pipeline.configured()
app = logs_app(settings)


@worker_init.connect
def serve_metrics(**_: Any) -> None:
    """Once, in the worker's main process; its children share the metrics by PROMETHEUS_MULTIPROC_DIR."""
    if settings.metrics_port:
        metrics.serve(settings.metrics_port)
