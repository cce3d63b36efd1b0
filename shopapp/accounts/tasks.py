"""What is done for accounts by the clock."""

from celery import shared_task
from django.core.management import call_command

__all__ = ["clear_sessions"]


@shared_task(name="accounts.clear_sessions", acks_late=True)
def clear_sessions() -> None:
    """Delete sessions that ended."""
    call_command("clearsessions")
