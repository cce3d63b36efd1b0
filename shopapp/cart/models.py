"""Carts, with or without an account. Customers and products are known by number: they may live in other databases."""

from __future__ import annotations

import uuid

from django.db import models

__all__ = ["Cart", "CartLine"]


class Cart(models.Model):
    """What somebody is about to buy; without an account it belongs to whoever has its id in their session."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer_id = models.BigIntegerField(null=True, unique=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    def __str__(self) -> str:
        return f"cart {self.pk}"


class CartLine(models.Model):
    """So many of one product."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    product_id = models.BigIntegerField()
    quantity = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["cart", "product_id"], name="one_cart_line_per_product")]

    def __str__(self) -> str:
        return f"{self.quantity} of product {self.product_id}"
