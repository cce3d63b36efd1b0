"""Carts, with and without an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from shopapp.accounts.models import User
from shopapp.cart import services
from shopapp.cart.models import Cart, CartLine
from shopapp.catalog.models import Product
from tests.shopapp.checkout import fill_cart
from tests.shopapp.conftest import PASSWORD, MakeProduct

pytestmark = pytest.mark.django_db


def lines(client: Client) -> list[tuple[str, int]]:
    return [(item.product.sku, item.quantity) for item in client.get("/cart/").context["contents"].items]


def test_looking_at_a_cart_makes_none(client: Client):
    """Visitors and crawlers leave nothing behind, neither cart nor session."""
    assert client.get("/cart/").status_code == 200
    assert not Cart.objects.exists()
    assert "shop_session" not in client.cookies


@pytest.mark.django_db(transaction=True)
def test_what_happens_to_a_cart_is_logged(client: Client, product: Product, logged_events: Any):
    """Added, changed, removed: with the product and the items that are in the cart now."""
    fill_cart(client, product, 2)
    client.post(f"/cart/change/{product.sku}/", {"quantity": 5})
    client.post(f"/cart/change/{product.sku}/", {"quantity": 0})
    told = [(event.name, event["shop.cart.items"]) for event in logged_events if event.name.startswith("cart.")]
    assert told == [("cart.item_added", 2), ("cart.item_changed", 5), ("cart.item_removed", 0)]
    assert logged_events.one("cart.item_added")["shop.product.sku"] == product.sku


def test_the_same_product_again_is_one_line(client: Client, product: Product):
    """Adding adds up, to at most twenty."""
    fill_cart(client, product, 3)
    fill_cart(client, product, 4)
    assert lines(client) == [(product.sku, 7)]
    fill_cart(client, product, 20)
    assert lines(client) == [(product.sku, services.MAX_QUANTITY)]


@pytest.mark.parametrize("quantity", ["0", "-3", "21", "many", "", "1e3"])
def test_a_nonsense_quantity_is_refused(client: Client, product: Product, quantity: str):
    """With a sentence that says what may be chosen."""
    answer = client.post(f"/cart/add/{product.sku}/", {"quantity": quantity}, follow=True)
    assert "Choose a number from 1 to 20" in answer.content.decode()
    assert not CartLine.objects.exists()


def test_a_cart_has_room_for_fifty_products(client: Client, make_product: MakeProduct):
    """The fifty-first is refused with a sentence, and those that are there stay."""
    for _ in range(services.MAX_LINES):
        fill_cart(client, make_product())
    answer = client.post(f"/cart/add/{make_product().sku}/", {"quantity": 1}, follow=True)
    assert "yours is full" in answer.content.decode()
    assert CartLine.objects.count() == services.MAX_LINES


@pytest.mark.parametrize(("price", "shipping"), [(59_99, 4_90), (60_00, 0)])
def test_shipping_is_free_from_sixty_euros(client: Client, make_product: MakeProduct, price: int, shipping: int):
    """Exactly sixty counts."""
    fill_cart(client, make_product(price_cents=price))
    contents = client.get("/cart/").context["contents"]
    assert (contents.shipping_cents, contents.total_cents) == (shipping, price + shipping)


def test_logging_in_takes_the_cart_along(client: Client, customer: User, make_product: MakeProduct, logged_events: Any):
    """What was collected before joins what the account had; of the same product the larger number counts."""
    both, before, earlier = make_product(), make_product(), make_product()
    mine = Cart.objects.create(customer_id=customer.pk)
    services.add(mine, both, 4)
    services.add(mine, earlier, 1)
    fill_cart(client, both, 2)
    fill_cart(client, before, 3)
    client.post("/account/log-in/", {"username": customer.email, "password": PASSWORD})
    assert sorted(lines(client)) == [(both.sku, 4), (before.sku, 3), (earlier.sku, 1)]
    assert Cart.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_merge_is_logged(client: Client, customer: User, product: Product, logged_events: Any):
    """With the items that the account's cart has now."""
    fill_cart(client, product, 2)
    client.post("/account/log-in/", {"username": customer.email, "password": PASSWORD})
    assert logged_events.one("cart.merged")["shop.cart.items"] == 2


def test_logging_out_leaves_an_empty_cart(shopper: Client, customer: User, product: Product):
    """The next one at the machine does not see what is in it; the owner finds it again."""
    fill_cart(shopper, product)
    shopper.post("/account/log-out/")
    assert lines(shopper) == []
    shopper.post("/account/log-in/", {"username": customer.email, "password": PASSWORD})
    assert lines(shopper) == [(product.sku, 1)]


def test_somebody_elses_cart_cannot_be_had_by_its_id(client: Client, customer: User, product: Product):
    """A session that names an account's cart gets nothing."""
    cart = Cart.objects.create(customer_id=customer.pk)
    services.add(cart, product, 1)
    fill_cart(client, product)
    session = client.session
    session["cart"] = str(cart.pk)
    session.save()
    assert lines(client) == []


def test_abandoned_carts_are_forgotten(client: Client, customer: User, product: Product, settings: Any):
    """After fourteen days; those of accounts, and those still in use, stay."""
    owned = Cart.objects.create(customer_id=customer.pk)
    old, used = Cart.objects.create(), Cart.objects.create()
    long_ago = timezone.now() - timedelta(days=settings.SHOP_CART_TTL_DAYS, minutes=1)
    Cart.objects.exclude(pk=used.pk).update(updated_at=long_ago)
    assert services.expire() == 1
    assert set(Cart.objects.values_list("pk", flat=True)) == {owned.pk, used.pk}
    assert not Cart.objects.filter(pk=old.pk).exists()
