"""What is done for orders by the clock; each may run twice or late without harm."""

from celery import shared_task

from shopapp.orders import fulfilment

__all__ = ["release_unpaid", "ship_paid"]


@shared_task(name="orders.ship_paid", acks_late=True)
def ship_paid() -> int:
    """Ship what was paid a while ago."""
    return fulfilment.ship_paid()


@shared_task(name="orders.release_unpaid", acks_late=True)
def release_unpaid() -> int:
    """Settle orders whose payment never came to an end."""
    return fulfilment.release_unpaid()
