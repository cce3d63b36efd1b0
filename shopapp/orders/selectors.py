"""What may be asked of orders."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from shopapp.orders.models import Order

__all__ = ["every_order", "order", "order_of", "orders_of", "paid_before", "pending_before"]


def orders_of(customer_id: int) -> QuerySet[Order]:
    """A customer's orders, the latest first; attempts that were never paid are none."""
    return (
        Order.objects.filter(customer_id=customer_id)
        .exclude(status=Order.Status.CANCELLED, paid_at=None)
        .prefetch_related("lines")
    )


def order_of(customer_id: int, order_id: str) -> Order:
    """
    One order of a customer.

    Raises:
        Order.DoesNotExist: there is none of that number, or it is somebody else's.
    """
    return Order.objects.prefetch_related("lines").get(pk=order_id, customer_id=customer_id)


def order(order_id: str) -> Order:
    """Anybody's order; for staff and for tasks."""
    return Order.objects.prefetch_related("lines").get(pk=order_id)


def every_order(status: str = "", words: str = "") -> QuerySet[Order]:
    """For staff, the latest first; of one status and with a part of the number where they are given."""
    found = Order.objects.prefetch_related("lines")
    found = found.filter(status=status) if status else found
    return found.filter(pk__icontains=words) if words else found


def paid_before(moment: datetime) -> QuerySet[Order]:
    """Paid by then and not yet shipped."""
    return Order.objects.filter(status=Order.Status.PAID, paid_at__lte=moment)


def pending_before(moment: datetime) -> QuerySet[Order]:
    """Begun by then, and neither paid nor given up."""
    return Order.objects.filter(status=Order.Status.PENDING, created_at__lte=moment)
