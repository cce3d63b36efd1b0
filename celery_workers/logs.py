"""
The Celery app that carries logs: ``celery --app celery_workers.logs:app worker``.

Apart from the shop's: another Redis database, another queue, so that a backlog of logs cannot starve the shop, and a
short visibility timeout for logs does not start the shop's long tasks twice.
"""

import logging_pipeline
from logging_pipeline.broker import logs_app

# What this worker says about itself must not enter the pipeline that it serves.
logging_pipeline.stand_aside()
app = logs_app(logging_pipeline.configured())
