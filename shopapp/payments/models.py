"""Attempts to pay."""

from __future__ import annotations

from django.db import models

__all__ = ["Payment"]


class Payment(models.Model):
    """One attempt to pay for an order; of the card only what may be shown to its owner is kept."""

    class Status(models.TextChoices):
        AUTHORIZED = "authorized", "authorised"
        DECLINED = "declined", "declined"
        FAILED = "failed", "failed"
        VOIDED = "voided", "given back"

    order_id = models.CharField(max_length=24, db_index=True)
    provider = models.CharField(max_length=24)
    reference = models.CharField(max_length=64, blank=True)
    amount_cents = models.PositiveIntegerField()
    status = models.CharField(max_length=16, choices=Status.choices)
    decline_code = models.CharField(max_length=40, blank=True)
    card_brand = models.CharField(max_length=24, blank=True)
    card_last4 = models.CharField(max_length=4, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"payment for {self.order_id}: {self.status}"

    @property
    def authorized(self) -> bool:
        return self.status == self.Status.AUTHORIZED
