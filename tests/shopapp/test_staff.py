"""Pages for staff: who gets in, what is written for the auditor, and the way to an order's events."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from shopapp.catalog.models import Category, Product
from shopapp.orders.models import Order
from tests.shopapp.checkout import fill_cart, pay
from tests.shopapp.conftest import MakeProduct

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = ("/staff/", "/staff/products/", "/staff/products/add/", "/staff/products/KIT-0101/", "/staff/orders/PK-X/")


def typed(product: Product, **changes: Any) -> dict[str, Any]:
    """What the form of *product* sends when *changes* are typed."""
    values = {
        "name": product.name,
        "sku": product.sku,
        "category": product.category_id,
        "description": product.description,
        "price": f"{product.price_cents / 100:.2f}",
        "stock_change": 0,
        "restock_to": product.restock_to,
        "motif": product.motif,
        "palette": product.palette,
        "is_active": "on" if product.is_active else "",
    }
    return {**values, **changes}


@pytest.mark.parametrize("page", PAGES)
def test_staff_only(client: Client, shopper: Client, product: Product, page: str):
    """Visitors are asked to log in; customers get a page that says why not, with the request's id."""
    assert client.get(page).url.startswith("/account/log-in/")
    answer = shopper.get(page)
    assert answer.status_code == 403
    assert answer["X-Request-ID"] in answer.content.decode()


def test_adding_a_product(clerk: Client, shelf: Category, logged_events: Any):
    """It is on sale at once, and the auditor sees who added what."""
    sent = {
        "name": "Copper pan",
        "sku": "KIT-0900",
        "category": shelf.pk,
        "description": "Tinned within.",
        "price": "129.50",
        "stock_change": 7,
        "restock_to": 10,
        "motif": "pan",
        "palette": "clay",
        "is_active": "on",
    }
    assert clerk.post("/staff/products/add/", sent).status_code == 302
    product = Product.objects.get()
    assert (product.price_cents, product.stock, product.slug) == (12950, 7, "copper-pan-kit-0900")
    assert clerk.get("/product/copper-pan-kit-0900/").status_code == 200
    event = logged_events.one("audit.created")
    assert (event["audit.object.type"], event["audit.object.id"]) == ("product", "KIT-0900")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sku", "kit-1"),
        ("price", "0"),
        ("price", "-1"),
        ("price", "12.345"),
        ("motif", "sphinx"),
        ("stock_change", "-1"),
    ],
)
def test_a_wrong_product_is_not_added(clerk: Client, make_product: MakeProduct, field: str, value: str):
    """The field is marked, and nothing is written."""
    model = make_product()
    answer = clerk.post("/staff/products/add/", typed(model, **{"sku": "KIT-0900", field: value}))
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert Product.objects.count() == 1


def test_two_products_cannot_have_one_number(clerk: Client, product: Product):
    """The article number is what orders and events know a product by."""
    answer = clerk.post("/staff/products/add/", typed(product))
    assert answer.status_code == 400
    assert "sku" in answer.context["form"].errors


def test_editing_names_what_changed(clerk: Client, product: Product, logged_events: Any):
    """The event has the names of the columns; what was not touched is not in it."""
    clerk.post(f"/staff/products/{product.sku}/", typed(product, name="Iron pan", price="19.90", stock_change=5))
    product.refresh_from_db()
    assert (product.name, product.price_cents, product.stock) == ("Iron pan", 1990, 15)
    event = logged_events.one("audit.changed")
    assert event["audit.object.id"] == product.sku
    assert event["audit.changes"] == ["name", "price_cents", "stock"]


def test_saving_without_a_change_says_nothing(clerk: Client, product: Product, logged_events: Any):
    """The auditor reads of changes only."""
    assert clerk.post(f"/staff/products/{product.sku}/", typed(product)).status_code == 302
    assert not logged_events.named("audit.changed")


def test_an_edit_does_not_undo_a_sale(clerk: Client, product: Product):
    """Three are sold while the form is open: adding five to ten gives twelve."""
    form = typed(product, stock_change=5)
    Product.objects.update(stock=7)
    clerk.post(f"/staff/products/{product.sku}/", form)
    assert Product.objects.get().stock == 12


def test_more_cannot_be_taken_away_than_is_there(clerk: Client, product: Product):
    """The form says so, and nothing else of it is saved either."""
    answer = clerk.post(f"/staff/products/{product.sku}/", typed(product, stock_change=-11, name="Other"))
    assert answer.status_code == 400
    assert "So many are not left." in answer.content.decode()
    product.refresh_from_db()
    assert (product.stock, product.name) == (10, "Pan 101")


def test_the_article_number_stays(clerk: Client, product: Product):
    """Even where the browser sends another one."""
    clerk.post(f"/staff/products/{product.sku}/", typed(product, sku="KIT-0999"))
    assert Product.objects.get().sku == "KIT-0101"


def test_the_list_of_products_shows_all(clerk: Client, make_product: MakeProduct):
    """Also what is not on sale; a part of name or number narrows it."""
    make_product(name="Kettle")
    make_product(name="Pot", is_active=False)
    page = clerk.get("/staff/products/").content.decode()
    assert "Kettle" in page
    assert "Pot" in page
    assert [p.name for p in clerk.get("/staff/products/?q=0102").context["page"]] == ["Pot"]


def test_an_order_links_to_its_events(clerk: Client, shopper: Client, product: Product, settings: Any):
    """The console is asked for the order's number, from a quarter of an hour before it was made."""
    settings.SHOP_OPS_URL = "http://127.0.0.1:8001/ops/logs/"
    fill_cart(shopper, product)
    pay(shopper)
    order = Order.objects.get()
    answer = clerk.get(f"/staff/orders/{order.id}/")
    first, steps, payments = answer.context["event_links"]
    assert first.url.replace("&", "&amp;") in answer.content.decode()
    assert urlsplit(first.url)[:3] == ("http", "127.0.0.1:8001", "/ops/logs/")
    query = parse_qs(urlsplit(first.url).query)
    assert query["q"] == [order.id]
    assert query["from"][0].endswith("Z")
    assert [parse_qs(urlsplit(link.url).query)["category"] for link in (steps, payments)] == [["order"], ["payment"]]


def test_shipping_by_hand(clerk: Client, shopper: Client, product: Product, logged_events: Any):
    """Once; the auditor sees that it was a person."""
    fill_cart(shopper, product)
    pay(shopper)
    order = Order.objects.get()
    for words in ("is on its way", "cannot be shipped"):
        answer = clerk.post(f"/staff/orders/{order.id}/ship/", follow=True)
        assert words in answer.content.decode()
    assert logged_events.one("order.shipped")["shop.order.id"] == order.id
    assert logged_events.one("audit.changed")["audit.object.id"] == order.id


def test_orders_are_found_by_status_and_number(clerk: Client, shopper: Client, product: Product):
    """An unknown status means all."""
    fill_cart(shopper, product)
    pay(shopper)
    order = Order.objects.get()
    for query, count in (
        ("", 1),
        ("?status=paid", 1),
        ("?status=shipped", 0),
        ("?status=odd", 1),
        ("?q=" + order.id[3:7], 1),
    ):
        assert clerk.get(f"/staff/{query}").context["page"].paginator.count == count
