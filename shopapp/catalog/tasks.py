"""What is done for the catalogue by the clock."""

from celery import shared_task

from shopapp.catalog import services

__all__ = ["restock"]


@shared_task(name="catalog.restock", acks_late=True)
def restock() -> int:
    """Order again what runs low."""
    return services.restock()
