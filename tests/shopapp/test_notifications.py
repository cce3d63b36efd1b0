"""E-mail about orders: told once, and not forgotten when something is away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client
from django.utils import timezone

from shopapp.catalog.models import Product
from shopapp.notifications import delivery, tasks
from shopapp.notifications.models import Notice
from shopapp.orders.models import Order
from tests.shopapp.checkout import fill_cart, pay

pytestmark = pytest.mark.django_db(transaction=True)

AWAY = "tests.shopapp.test_notifications.MailServerAway"


class MailServerAway(BaseEmailBackend):
    """Refuses connections."""

    def send_messages(self, email_messages: Any) -> int:
        raise ConnectionRefusedError("connection refused")


def test_a_mail_server_that_is_away_costs_no_order(shopper: Client, product: Product, settings: Any):
    """The order stands; the e-mail goes when the server is back, by the task that looks for what is due."""
    ready = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = AWAY
    fill_cart(shopper, product)
    assert pay(shopper).status_code == 302
    assert Order.objects.get().status == "paid"
    assert Notice.objects.get().sent_at is None

    settings.EMAIL_BACKEND = ready
    assert tasks.send_due() == 0  # it was tried just now
    Notice.objects.update(created_at=timezone.now() - timedelta(seconds=tasks.OVERDUE_S))
    assert tasks.send_due() == 1
    assert Notice.objects.get().sent_at is not None
    assert len(mail.outbox) == 1
    assert tasks.send_due() == 0


def test_a_notice_is_sent_once(shopper: Client, product: Product):
    """A task that is delivered twice writes no second e-mail."""
    fill_cart(shopper, product)
    pay(shopper)
    notice = Notice.objects.get()
    assert delivery.send(notice.pk) is False
    assert len(mail.outbox) == 1


def test_two_workers_do_not_send_the_same(shopper: Client, product: Product):
    """What one has claimed is left alone, until that one must be dead."""
    fill_cart(shopper, product)
    pay(shopper)
    mail.outbox.clear()
    Notice.objects.update(sent_at=None, claimed_at=timezone.now())
    notice = Notice.objects.get()
    assert delivery.send(notice.pk) is False
    Notice.objects.update(claimed_at=timezone.now() - timedelta(seconds=delivery.CLAIM_S))
    assert delivery.send(notice.pk) is True
    assert len(mail.outbox) == 1
