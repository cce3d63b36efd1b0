"""
The shop's Celery app: ``celery -A celery_workers.shop worker``.

It has a Redis database of its own, apart from the logs'. Without ``SHOP_REDIS_URL`` (tests, a plain ``runserver``) a
task runs at once in the process that asked for it.
"""

from __future__ import annotations

import os

from celery import Celery

from celery_workers.schedule import SCHEDULE

__all__ = ["app"]

DEFAULT_REDIS_URL = "redis://127.0.0.1:6379/0"
QUEUE = "shop"
SOCKET_TIMEOUT_S = 2  # a buyer waits for a hand-over to a broker that hangs
SOFT_TIME_LIMIT_S = 60  # the longest task sends one e-mail
HARD_TIME_LIMIT_S = 90
VISIBILITY_TIMEOUT_S = 600  # well above the hard limit, or a slow task would be started twice

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopapp.config.settings")  # where autodiscovery finds the apps

app = Celery("shop")
app.conf.update(
    broker_url=os.environ.get("SHOP_REDIS_URL") or DEFAULT_REDIS_URL,
    broker_transport="logging_pipeline.redis_transport:Transport",  # with kombu's own, some faults end a worker
    task_always_eager=not os.environ.get("SHOP_REDIS_URL"),
    task_eager_propagates=False,
    task_default_queue=QUEUE,
    task_ignore_result=True,
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    task_soft_time_limit=SOFT_TIME_LIMIT_S,
    task_time_limit=HARD_TIME_LIMIT_S,
    task_reject_on_worker_lost=True,
    task_publish_retry=False,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # Celery's 100 end a worker in the first hour of an outage
    broker_transport_options={
        "visibility_timeout": VISIBILITY_TIMEOUT_S,
        "socket_timeout": SOCKET_TIMEOUT_S,
        "socket_connect_timeout": SOCKET_TIMEOUT_S,
        "max_retries": 0,
    },
    beat_schedule=SCHEDULE,
    timezone="UTC",
)
app.set_default()
app.autodiscover_tasks()
