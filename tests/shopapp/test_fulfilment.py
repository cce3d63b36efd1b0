"""What becomes of an order by the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from shopapp.catalog.models import Product
from shopapp.orders import fulfilment
from shopapp.orders.models import Order
from shopapp.payments.models import Payment
from tests.shopapp.checkout import fill_cart, pay

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(shopper: Client, product: Product) -> Order:
    """A paid order of two pans."""
    fill_cart(shopper, product, 2)
    pay(shopper)
    mail.outbox.clear()
    return Order.objects.get()


def backdate(order: Order, **moments: Any) -> None:
    Order.objects.filter(pk=order.pk).update(**moments)


def test_what_was_paid_a_while_ago_is_shipped_once(order: Order, logged_events: Any, settings: Any):
    """Not before its time, not twice; the customer is told."""
    assert fulfilment.ship_paid() == 0
    backdate(order, paid_at=timezone.now() - timedelta(seconds=settings.SHOP_SHIP_AFTER_S))
    assert [fulfilment.ship_paid(), fulfilment.ship_paid()] == [1, 0]
    order.refresh_from_db()
    assert order.status == "shipped"
    assert order.shipped_at is not None
    assert logged_events.one("order.shipped")["shop.order.id"] == order.id
    assert [message.subject for message in mail.outbox] == [f"Your order {order.id} is on its way"]


def test_an_order_that_nobody_paid_gives_its_stock_back(order: Order, logged_events: Any, settings: Any):
    """A process that died between reserving and paying leaves no stock behind."""
    Payment.objects.all().delete()
    backdate(order, status="pending", created_at=timezone.now() - timedelta(seconds=settings.SHOP_UNPAID_AFTER_S))
    assert fulfilment.release_unpaid() == 1
    assert (Order.objects.get().status, Product.objects.get().stock) == ("cancelled", 10)
    assert logged_events.one("order.cancelled")["event.reason"] == "not_paid"


def test_an_order_that_was_paid_unnoticed_is_accepted(order: Order, logged_events: Any, settings: Any):
    """A process that died between paying and saying so costs the customer nothing."""
    backdate(order, status="pending", created_at=timezone.now() - timedelta(seconds=settings.SHOP_UNPAID_AFTER_S))
    assert fulfilment.release_unpaid() == 1
    assert (Order.objects.get().status, Product.objects.get().stock) == ("paid", 8)
    assert logged_events.one("order.placed")["shop.order.id"] == order.id


def test_a_fresh_order_is_left_to_its_buyer(order: Order):
    """Somebody may still be typing a security code."""
    backdate(order, status="pending")
    assert fulfilment.release_unpaid() == 0


def test_steps_happen_in_order(order: Order):
    """A shipped order is neither accepted, cancelled nor shipped again, and stock is returned never or once."""
    assert fulfilment.ship(order)
    assert not fulfilment.ship(order)
    assert not fulfilment.cancel(order, reason="not_paid")
    assert not fulfilment.accept(order)
    assert Product.objects.get().stock == 8
