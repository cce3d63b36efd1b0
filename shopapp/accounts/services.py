"""What changes an account."""

from __future__ import annotations

import structlog
from django.db import transaction

from shopapp.accounts.models import User

__all__ = ["sign_up"]

log = structlog.get_logger("shopapp.accounts")


def sign_up(*, email: str, password: str, name: str) -> User:
    """
    Make a customer's account.

    Raises:
        django.db.IntegrityError: the address has an account; forms check before.
    """
    with transaction.atomic():
        user = User.objects.create_user(email, password, name)
        transaction.on_commit(lambda: log.info("auth.signup", outcome="success"))
    return user
