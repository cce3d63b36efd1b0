"""
How a notice is sent.

A worker claims a notice before it sends; only one that dies between sending and saying so makes a second e-mail.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from shopapp.notifications.models import Notice
from shopapp.orders.selectors import order as find_order

__all__ = ["due", "send"]

log = structlog.get_logger("shopapp.notifications")

CLAIM_S = 300  # a worker that has not sent after this is dead: the task's hard limit is 90
SUBJECTS = {
    Notice.Kind.CONFIRMATION: "Your order {order.id}",
    Notice.Kind.SHIPPED: "Your order {order.id} is on its way",
}


def send(notice_id: int) -> bool:
    """
    Send a notice; False where it was sent already or somebody is at it.

    Raises:
        OSError: the mail server did not take it; the claim is given back.
    """
    now = timezone.now()
    if not _free(now).filter(pk=notice_id).update(claimed_at=now):
        return False
    notice = Notice.objects.get(pk=notice_id)
    try:
        _message(notice).send()
    except OSError:
        Notice.objects.filter(pk=notice_id).update(claimed_at=None)
        raise
    Notice.objects.filter(pk=notice_id).update(sent_at=timezone.now())
    log.info("order.notified", order_id=notice.order_id, kind=notice.kind)
    return True


def due(older_than_s: int) -> QuerySet[Notice]:
    """Notices that wait for longer than *older_than_s* seconds."""
    now = timezone.now()
    return _free(now).filter(created_at__lte=now - timedelta(seconds=older_than_s))


def _free(now: datetime) -> QuerySet[Notice]:
    unclaimed = Q(claimed_at=None) | Q(claimed_at__lte=now - timedelta(seconds=CLAIM_S))
    return Notice.objects.filter(unclaimed, sent_at=None)


def _message(notice: Notice) -> EmailMessage:
    order = find_order(notice.order_id)
    context = {"order": order, "shop_name": settings.SHOP_NAME}
    return EmailMessage(
        subject=SUBJECTS[Notice.Kind(notice.kind)].format(order=order),
        body=render_to_string(f"notifications/{notice.kind}.txt", context),
        to=[order.email],
    )
