"""``celery --app tests.tiny_project.celery_app:app worker``."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.tiny_project.settings")

app = Celery("tiny", broker=os.environ.get("TINY_BROKER", "memory://"))
app.conf.update(
    task_default_queue="tiny",
    task_ignore_result=True,
    task_reject_on_worker_lost=True,
    broker_connection_retry_on_startup=True,
    worker_prefetch_multiplier=1,
)
app.set_default()
app.autodiscover_tasks(["tests.tiny_project"])
