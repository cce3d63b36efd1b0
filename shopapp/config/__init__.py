"""Settings, addresses and servers of the shop: the one place where its parts are wired together."""

from celery_workers.shop import app as celery_app

__all__ = ["celery_app"]
