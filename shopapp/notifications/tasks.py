"""Sending, apart from the request that caused it."""

from __future__ import annotations

from celery import shared_task

from shopapp.notifications import delivery

__all__ = ["send", "send_due"]

OVERDUE_S = 60  # the ordinary way takes a second or two


@shared_task(
    name="notifications.send",
    acks_late=True,
    autoretry_for=(OSError,),  # what a mail server that is away raises; smtplib's errors are of this kind
    retry_backoff=5,
    retry_backoff_max=120,
    retry_jitter=True,
    max_retries=5,
)
def send(notice_id: int) -> bool:
    """Send one notice; where the mail server is away, later."""
    return delivery.send(notice_id)


@shared_task(name="notifications.send_due", acks_late=True)
def send_due() -> int:
    """Send again what did not go the ordinary way; the number of notices."""
    overdue = list(delivery.due(OVERDUE_S).values_list("pk", flat=True)[:100])
    for notice_id in overdue:
        send.delay(notice_id)
    return len(overdue)
