"""What runs by the clock: ``celery -A celery_workers.shop beat``. Times are seconds or crontabs in UTC."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

__all__ = ["SCHEDULE"]

SCHEDULE: dict[str, dict[str, Any]] = {
    "ship what was paid a while ago": {"task": "orders.ship_paid", "schedule": 30.0},
    "give back the stock of orders that were never paid": {"task": "orders.release_unpaid", "schedule": 60.0},
    "send what could not be sent before": {"task": "notifications.send_due", "schedule": 60.0},
    "order again what runs out": {"task": "catalog.restock", "schedule": 600.0},
    "forget abandoned carts": {"task": "cart.expire", "schedule": crontab(hour="3", minute="20")},
    "forget ended sessions": {"task": "accounts.clear_sessions", "schedule": crontab(hour="3", minute="40")},
}
