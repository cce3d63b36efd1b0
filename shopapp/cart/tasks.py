"""What is done for carts by the clock."""

from celery import shared_task

from shopapp.cart import services

__all__ = ["expire"]


@shared_task(name="cart.expire", acks_late=True)
def expire() -> int:
    """Delete abandoned carts."""
    return services.expire()
