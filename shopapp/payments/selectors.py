"""What may be asked of payments."""

from __future__ import annotations

from django.db.models import QuerySet

from shopapp.payments.models import Payment

__all__ = ["attempts", "is_paid"]


def attempts(order_id: str) -> QuerySet[Payment]:
    """All attempts to pay for an order, the latest first."""
    return Payment.objects.filter(order_id=order_id)


def is_paid(order_id: str) -> bool:
    """Whether the provider said yes once."""
    return attempts(order_id).filter(status=Payment.Status.AUTHORIZED).exists()
