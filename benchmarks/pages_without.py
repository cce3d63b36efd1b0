"""The shop without the pipeline, for ``python -m benchmarks.pages``: its settings, with no log below critical."""

from __future__ import annotations

import logging

import structlog

import logging_pipeline

logging_pipeline.stand_aside()

from shopapp.config.settings import *  # noqa: E402, F403  # the shop's own, but for what follows
from shopapp.config.settings import MIDDLEWARE as WITH_THE_PIPELINE  # noqa: E402

MIDDLEWARE = [name for name in WITH_THE_PIPELINE if not name.startswith("logging_pipeline.")]
logging.disable(logging.CRITICAL)
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
