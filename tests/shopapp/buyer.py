"""
A buyer in a process of its own: ``python -m tests.shopapp.buyer DATABASE_URL PRODUCT_ID ATTEMPTS``.

Waits for a line on standard input, so that all buyers begin at once, then tries to buy one piece per attempt. Prints
one word per attempt: ``bought`` or ``short``.
"""

from __future__ import annotations

import os
import sys
import uuid

import django


def main(database_url: str, product_id: str, attempts: str) -> None:
    """Buy, and say how it went."""
    from tests.shopapp import settings  # takes SHOP_... out of the environment

    os.environ["DJANGO_SETTINGS_MODULE"] = settings.__name__
    settings.DATABASES["default"].update(NAME=database_url)
    django.setup()
    from django.urls import get_resolver

    from shopapp.cart.models import Cart
    from shopapp.catalog.services import OutOfStock
    from shopapp.orders.checkout import check_out
    from shopapp.payments.provider import Card
    from tests.shopapp.checkout import ADDRESS

    card = Card("4242424242424242", "12/2034", "123")
    get_resolver().url_patterns  # noqa: B018  # loads all pages, as a web server has
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(int(attempts)):
        cart = Cart.objects.create()
        cart.customer_id = uuid.uuid4().int % 2**48
        cart.save()
        cart.lines.create(product_id=int(product_id), quantity=1)
        try:
            check_out(
                cart,
                agreed_cents=2990,
                address={"email": "b@example.com", **ADDRESS},
                card=card,
                checkout_key=uuid.uuid4(),
            )
        except OutOfStock:
            print("short", flush=True)
        else:
            print("bought", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
