"""The logs' Celery app of `celery_workers.logs`, except that a vanished worker's batch is delivered again sooner."""

from __future__ import annotations

import logging_pipeline
from logging_pipeline import broker

broker.VISIBILITY_TIMEOUT_S = 5  # for most days; the real one is waited for by `test_a_vanished_worker`

logging_pipeline.stand_aside()
app = broker.logs_app(logging_pipeline.configured())
