"""What becomes of an order: accepted, cancelled, shipped. Each step happens once, whoever else tries meanwhile."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from shopapp.catalog.services import put_back
from shopapp.notifications.models import Notice
from shopapp.notifications.services import tell
from shopapp.orders import selectors
from shopapp.orders.models import Order
from shopapp.payments.selectors import is_paid

__all__ = ["accept", "cancel", "release_unpaid", "ship", "ship_paid"]

log = structlog.get_logger("shopapp.orders")

Status = Order.Status


def accept(order: Order) -> bool:
    """The money is there. False where the order is not waiting for it any more."""
    return _step(order, Status.PENDING, Status.PAID, "order.placed", notice=Notice.Kind.CONFIRMATION)


def cancel(order: Order, *, reason: str) -> bool:
    """Return the stock. False where the order is not waiting for money any more."""
    with transaction.atomic():
        done = _step(order, Status.PENDING, Status.CANCELLED, "order.cancelled", reason=reason)
        if done:
            put_back({line.product_id: line.quantity for line in order.lines.all()})
    return done


def ship(order: Order) -> bool:
    """The parcel left. False where the order is not one to ship."""
    return _step(order, Status.PAID, Status.SHIPPED, "order.shipped", notice=Notice.Kind.SHIPPED)


def ship_paid() -> int:
    """Ship what was paid `SHOP_SHIP_AFTER_S` seconds ago; the number of orders."""
    due = selectors.paid_before(timezone.now() - timedelta(seconds=settings.SHOP_SHIP_AFTER_S))
    return sum(ship(order) for order in due)


def release_unpaid() -> int:
    """Settle orders that still wait for money after `SHOP_UNPAID_AFTER_S` seconds; the number of orders."""
    stale = selectors.pending_before(timezone.now() - timedelta(seconds=settings.SHOP_UNPAID_AFTER_S))
    return sum(accept(order) if is_paid(order.id) else cancel(order, reason="not_paid") for order in stale)


_MOMENTS = {Status.PAID: "paid_at", Status.SHIPPED: "shipped_at"}


def _step(order: Order, old: Status, new: Status, event: str, notice: str = "", **details: Any) -> bool:
    """Move *order* on if it stands at *old*, and after the commit say so."""
    stamps = {_MOMENTS[new]: timezone.now()} if new in _MOMENTS else {}
    with transaction.atomic():
        if not Order.objects.filter(pk=order.pk, status=old).update(status=new, **stamps):
            return False
        order.refresh_from_db()
        transaction.on_commit(partial(log.info, event, **_facts(order), **details))
        if notice:
            tell(order.id, notice)
    return True


def _facts(order: Order) -> dict[str, Any]:
    return {
        "order_id": order.id,
        "status": order.status,
        "total_cents": order.total_cents,
        "shipping_cents": order.shipping_cents,
        "currency": settings.SHOP_CURRENCY,
        "country": order.country,
        "items": order.item_count,
    }
