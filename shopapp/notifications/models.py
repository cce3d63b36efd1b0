"""What customers are to be told: written with the fact that it tells of, sent afterwards."""

from __future__ import annotations

from django.db import models

__all__ = ["Notice"]


class Notice(models.Model):
    """One e-mail about an order, at most one of each kind."""

    class Kind(models.TextChoices):
        CONFIRMATION = "confirmation", "order confirmation"
        SHIPPED = "shipped", "shipping notice"

    order_id = models.CharField(max_length=24)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    claimed_at = models.DateTimeField(null=True, help_text="A worker is at it since.")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order_id", "kind"], name="one_notice_of_a_kind")]
        indexes = [models.Index(fields=["sent_at", "claimed_at"])]

    def __str__(self) -> str:
        return f"{self.kind} for {self.order_id}"
