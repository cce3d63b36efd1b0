"""
How customers are told.

A notice is written in the transaction of the fact that it tells of, so it cannot be forgotten: where the broker is
away, or the worker dies, the task `send_due` finds it.
"""

from __future__ import annotations

from django.db import transaction

from shopapp.notifications.models import Notice
from shopapp.notifications.tasks import send

__all__ = ["tell"]


def tell(order_id: str, kind: str) -> Notice:
    """Have the customer told, after the commit; the same kind twice is one e-mail."""
    notice, made = Notice.objects.get_or_create(order_id=order_id, kind=kind)
    if made:
        transaction.on_commit(lambda: send.delay(notice.pk), robust=True)  # a broker that is away fails no order
    return notice
