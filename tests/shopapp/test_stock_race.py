"""Many buyers at once, in threads and in processes of their own."""

from __future__ import annotations

import subprocess
import sys
import threading
import uuid
from collections import Counter
from copy import copy
from functools import partial
from pathlib import Path

import pytest
from django.db import connection

from shopapp.cart.models import Cart
from shopapp.catalog.models import Product
from shopapp.catalog.services import OutOfStock
from shopapp.orders.checkout import AlreadySent, check_out
from shopapp.orders.models import Order, OrderLine
from shopapp.payments.models import Payment
from shopapp.payments.provider import Card
from tests.shopapp.checkout import ADDRESS
from tests.shopapp.conftest import MakeProduct

pytestmark = pytest.mark.django_db(transaction=True)

PROJECT = Path(__file__).parents[2]
CARD = Card("4242424242424242", "12/2034", "123")


def test_threads_cannot_oversell(make_product: MakeProduct):
    """Twelve buyers, five pieces: five orders, no negative stock, and nobody is charged without an order."""
    product = make_product(stock=5)
    carts = [Cart.objects.create(customer_id=number) for number in range(1, 13)]
    for cart in carts:
        cart.lines.create(product_id=product.pk, quantity=1)

    results = at_once([partial(buy, cart, uuid.uuid4()) for cart in carts])

    assert Counter(results) == {"bought": 5, "short": 7}
    assert Product.objects.get().stock == 0
    assert Order.objects.filter(status="paid").count() == Payment.objects.count() == 5


def test_the_same_form_from_two_tabs_at_once_is_one_order(product: Product):
    """However the two requests interleave, one buys and the other finds the order."""
    cart = Cart.objects.create(customer_id=1)
    cart.lines.create(product_id=product.pk, quantity=1)
    key = uuid.uuid4()

    results = at_once([partial(buy, copy(cart), key) for _ in range(4)])

    assert Counter(results) == {"bought": 1, "sent": 3}
    assert (Product.objects.get().stock, Order.objects.count(), Payment.objects.count()) == (9, 1, 1)


def test_processes_cannot_oversell(make_product: MakeProduct):
    """Three processes that try thirty times to buy one of twenty pieces sell exactly twenty."""
    product = make_product(stock=20)
    name = str(connection.settings_dict["NAME"])
    command = [sys.executable, "-m", "tests.shopapp.buyer", name, str(product.pk), "10"]
    buyers = [
        subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for buyer in buyers:
        assert buyer.stdout.readline() == "ready\n"
    for buyer in buyers:
        buyer.stdin.write("go\n")
        buyer.stdin.flush()
    words = [word for buyer in buyers for word in buyer.communicate(timeout=60)[0].split()]

    assert [buyer.returncode for buyer in buyers] == [0, 0, 0]
    assert Counter(words) == {"bought": 20, "short": 10}
    assert Product.objects.get().stock == 0
    assert sum(OrderLine.objects.values_list("quantity", flat=True)) == 20


def buy(cart: Cart, key: uuid.UUID) -> str:
    address = {"email": "b@example.com", **ADDRESS}
    try:
        check_out(cart, agreed_cents=2990, address=address, card=CARD, checkout_key=key)
    except OutOfStock:
        return "short"
    except AlreadySent:
        return "sent"
    return "bought"


def at_once(calls: list) -> list[str]:
    """Run *calls* in threads that begin together; each has its own connection to the database."""
    barrier, results = threading.Barrier(len(calls)), []

    def run(call) -> None:
        barrier.wait()
        try:
            results.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
