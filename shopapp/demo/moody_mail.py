"""
A mail server with moods, for a demonstration: installed only where ``SHOP_DEMO_FAULTS`` is on and no server is named.

Now and then it refuses the connection, and the task is tried again; more seldom it refuses the message, and the task
has failed.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend

__all__ = ["MessageRefused", "MoodyMail"]

AWAY_SHARE = 0.10
REFUSAL_SHARE = 0.03


class MessageRefused(Exception):
    """The mail server does not like what the message says; to send it again would not help."""


class MoodyMail(EmailBackend):
    """Writes messages to files, most of the time."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """
        Send all, or raise.

        Raises:
            ConnectionRefusedError: it is away.
            MessageRefused: by chance.
        """
        dice = random.random()  # noqa: S311  # which message is unlucky is no secret
        if dice < AWAY_SHARE:
            raise ConnectionRefusedError("the mail server refused the connection")
        if dice < AWAY_SHARE + REFUSAL_SHARE:
            raise MessageRefused("550: the message was refused")
        sent: int = super().send_messages(email_messages)
        return sent
