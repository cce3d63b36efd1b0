"""What may be asked of carts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import Sum
from django.http import HttpRequest

from shopapp.cart.models import Cart
from shopapp.catalog.models import Product
from shopapp.catalog.selectors import products_by_id

__all__ = ["SESSION_KEY", "Contents", "Item", "cart_of", "contents", "item_count", "visit_cart"]

SESSION_KEY = "cart"
FREE_SHIPPING_FROM_CENTS = 60_00
SHIPPING_CENTS = 4_90


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a cart with its product as it is now."""

    product: Product
    quantity: int

    @property
    def total_cents(self) -> int:
        return self.product.price_cents * self.quantity

    @property
    def available(self) -> bool:
        """Whether it could be bought at this moment; only the purchase itself is sure."""
        return self.product.is_active and self.product.stock >= self.quantity


@dataclass(frozen=True, slots=True)
class Contents:
    """All of a cart, and what it costs, cents."""

    items: tuple[Item, ...]

    @property
    def count(self) -> int:
        return sum(item.quantity for item in self.items)

    @property
    def goods_cents(self) -> int:
        return sum(item.total_cents for item in self.items)

    @property
    def shipping_cents(self) -> int:
        return 0 if not self.items or self.goods_cents >= FREE_SHIPPING_FROM_CENTS else SHIPPING_CENTS

    @property
    def to_free_shipping_cents(self) -> int:
        return FREE_SHIPPING_FROM_CENTS - self.goods_cents if self.shipping_cents else 0

    @property
    def total_cents(self) -> int:
        return self.goods_cents + self.shipping_cents

    @property
    def available(self) -> bool:
        return all(item.available for item in self.items)


def cart_of(request: HttpRequest) -> Cart | None:
    """The cart of whoever asks: of the account, else of the visit; none before something was put into it."""
    if request.user.is_authenticated:
        return Cart.objects.filter(customer_id=request.user.pk).first()
    return visit_cart(request)


def visit_cart(request: HttpRequest) -> Cart | None:
    """The cart whose id is in the session."""
    key = request.session.get(SESSION_KEY)
    return Cart.objects.filter(pk=uuid.UUID(key), customer_id=None).first() if key else None


def contents(cart: Cart | None) -> Contents:
    """What is in *cart*, in the order in which it was put there."""
    lines = list(cart.lines.all()) if cart else []
    products = products_by_id(line.product_id for line in lines)
    return Contents(tuple(Item(products[li.product_id], li.quantity) for li in lines if li.product_id in products))


def item_count(request: HttpRequest) -> int:
    """For the badge in the page's head."""
    cart = cart_of(request)
    return (cart.lines.aggregate(n=Sum("quantity"))["n"] or 0) if cart else 0
