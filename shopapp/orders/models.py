"""Orders. Customers and products are known by number only, and an order keeps its own copy of what was bought."""

from __future__ import annotations

import secrets

from django.db import models
from django.urls import reverse

__all__ = ["COUNTRIES", "Order", "OrderLine", "new_order_id"]

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread over the telephone
ID_CHARS = 10
COUNTRIES = [
    ("AT", "Austria"),
    ("BE", "Belgium"),
    ("DE", "Germany"),
    ("DK", "Denmark"),
    ("ES", "Spain"),
    ("FR", "France"),
    ("IE", "Ireland"),
    ("IT", "Italy"),
    ("NL", "Netherlands"),
    ("SE", "Sweden"),
]


def new_order_id() -> str:
    """An order number that cannot be guessed and can be read aloud, e.g. PK-7F3K9Q2MTX."""
    return "PK-" + "".join(secrets.choice(ALPHABET) for _ in range(ID_CHARS))


class Order(models.Model):
    """Something bought; amounts are cents."""

    class Status(models.TextChoices):
        PENDING = "pending", "being paid"
        PAID = "paid", "being packed"
        SHIPPED = "shipped", "on its way"
        CANCELLED = "cancelled", "cancelled"

    id = models.CharField("number", primary_key=True, max_length=24, default=new_order_id, editable=False)
    customer_id = models.BigIntegerField()
    checkout_key = models.UUIDField(unique=True, help_text="The form it was sent with: twice sent is one order.")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PENDING)

    email = models.EmailField()
    name = models.CharField(max_length=120)
    street = models.CharField(max_length=160)
    postcode = models.CharField(max_length=16)
    city = models.CharField(max_length=80)
    country = models.CharField(max_length=2, choices=COUNTRIES)

    goods_cents = models.PositiveIntegerField()
    shipping_cents = models.PositiveIntegerField()
    total_cents = models.PositiveIntegerField()

    created_at = models.DateTimeField(auto_now_add=True)
    paid_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["customer_id", "-created_at"]),
            models.Index(fields=["status", "paid_at"]),
            models.Index(fields=["-created_at"]),
        ]

    def __str__(self) -> str:
        return self.id

    def get_absolute_url(self) -> str:
        return reverse("orders:order", args=[self.id])

    @property
    def item_count(self) -> int:
        return sum(line.quantity for line in self.lines.all())


class OrderLine(models.Model):
    """So many of one product, as it was called and priced on that day."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product_id = models.BigIntegerField()
    sku = models.CharField(max_length=24)
    name = models.CharField(max_length=90)
    picture_url = models.CharField(max_length=160)
    unit_cents = models.PositiveIntegerField()
    quantity = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.sku}"

    @property
    def total_cents(self) -> int:
        return self.unit_cents * self.quantity
