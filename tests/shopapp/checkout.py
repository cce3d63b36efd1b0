"""How tests buy something: the requests that a browser would send."""

from __future__ import annotations

from typing import Any

from django.test import Client

from shopapp.catalog.models import Product

__all__ = ["ADDRESS", "DECLINED", "GOOD", "UNANSWERED", "fill_cart", "pay"]

GOOD = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 9995"
UNANSWERED = "4000 0000 0000 0119"
ADDRESS = {"name": "Ada Winter", "street": "Mill Lane 4", "postcode": "10115", "city": "Berlin", "country": "DE"}


def fill_cart(client: Client, product: Product, quantity: int = 1) -> None:
    """Put *quantity* of *product* into the cart."""
    assert client.post(f"/cart/add/{product.sku}/", {"quantity": quantity}).status_code == 302


def pay(client: Client, card: str = GOOD, **changes: Any) -> Any:
    """Open the checkout and send its form, with *changes* to what a buyer would type."""
    form = client.get("/orders/checkout/").context["form"]
    hidden = {name: form[name].value() for name in ("checkout_key", "agreed_cents")}
    typed = {**ADDRESS, "card_number": card, "card_expiry": "12/34", "card_cvc": "123", **hidden, **changes}
    return client.post("/orders/checkout/", typed)
