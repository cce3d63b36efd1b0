"""From cart to order: what is paid, what is declined, and what is never kept."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from shopapp.accounts.models import User
from shopapp.cart.models import Cart
from shopapp.catalog.models import Product
from shopapp.orders import checkout, fulfilment
from shopapp.orders.models import Order
from shopapp.payments.models import Payment
from shopapp.payments.provider import Card, TestProvider
from tests.shopapp.checkout import DECLINED, GOOD, UNANSWERED, fill_cart, pay
from tests.shopapp.conftest import MakeProduct

pytestmark = pytest.mark.django_db(transaction=True)


def stock(product: Product) -> int:
    return Product.objects.get(pk=product.pk).stock


def test_buying(shopper: Client, product: Product, logged_events: Any):
    """One order, paid; less in stock; an empty cart; an e-mail; and the events that tell of it."""
    fill_cart(shopper, product, 2)
    answer = pay(shopper)
    order = Order.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/orders/{order.id}/?thanks=1")
    assert (order.status, order.goods_cents, order.shipping_cents, order.total_cents) == ("paid", 5000, 490, 5490)
    assert (stock(product), Cart.objects.count()) == (8, 0)
    assert mail.outbox[0].to == ["ada@example.com"]
    assert order.id in mail.outbox[0].subject
    assert "2 x Pan 101: €50.00" in mail.outbox[0].body

    placed, paid = logged_events.one("order.placed"), logged_events.one("payment.authorized")
    assert placed["shop.order.id"] == paid["shop.order.id"] == order.id
    assert (placed["shop.order.total_cents"], placed["shop.order.items"]) == (5490, 2)
    assert (paid["shop.payment.amount_cents"], paid["shop.payment.provider"]) == (5490, "test")
    assert logged_events.one("order.notified")["shop.notice.kind"] == "confirmation"


def test_everything_of_a_purchase_has_one_trace(shopper: Client, product: Product, logged_events: Any):
    """The payment, the order, the request and the task that sends the e-mail are found together."""
    fill_cart(shopper, product)
    logged_events.clear()
    pay(shopper)
    post = [e for e in logged_events if e.get("http.request.method") == "POST"]
    about = [logged_events.one(n) for n in ("payment.authorized", "order.placed", "task.run", "order.notified")]
    assert {event["trace.id"] for event in about} == {post[0]["trace.id"]}


def test_nothing_personal_is_logged(shopper: Client, product: Product, logged_events: Any):
    """No name, address, e-mail address or card number is in any event of a purchase, declined or not."""
    fill_cart(shopper, product)
    pay(shopper, DECLINED)
    pay(shopper)
    shopper.get("/orders/")
    told = str([event.document for event in logged_events])
    for secret in ("Ada", "Winter", "Mill Lane", "10115", "ada@example.com", "4242", "9995", "12/34"):
        assert secret not in told


def test_the_card_is_not_kept():
    """Of the number four digits and the brand are stored; neither the code nor the number is in any table or repr."""
    card = Card("4242424242424242", "12/2034", "737")
    assert "4242" not in repr(card)
    assert "737" not in repr(card)
    assert {field.name for field in Payment._meta.get_fields()} & {"number", "cvc", "expiry"} == set()


def test_a_declined_card(shopper: Client, product: Product, logged_events: Any):
    """The page says why, the stock is as before, the cart too, and a second try with another card works."""
    fill_cart(shopper, product, 2)
    answer = pay(shopper, DECLINED)
    assert answer.status_code == 402
    page = answer.content.decode()
    assert "not enough money" in page
    assert "9995" not in page.split("<details>")[0]
    assert (stock(product), Cart.objects.count()) == (10, 1)
    event = logged_events.one("payment.declined")
    assert (event["shop.payment.decline_code"], event["log.level"]) == ("insufficient_funds", "warning")
    assert logged_events.one("order.cancelled")["event.reason"] == "payment_declined"
    assert not logged_events.named("order.placed")

    form = answer.context["form"]
    again = {name: form[name].value() for name in form.fields} | {"card_number": GOOD, "card_cvc": "123"}
    assert shopper.post("/orders/checkout/", again).status_code == 302
    assert list(Order.objects.order_by("created_at").values_list("status", flat=True)) == ["cancelled", "paid"]
    assert stock(product) == 8


def test_a_provider_that_fails(shopper: Client, product: Product, logged_events: Any):
    """An error at the provider is an error event, costs the buyer nothing, and cancels the order."""
    fill_cart(shopper, product)
    assert "did not answer" in pay(shopper, UNANSWERED).content.decode()
    event = logged_events.one("payment.failed")
    assert (event["log.level"], event["event.reason"]) == ("error", "the provider answered 502")
    assert (stock(product), Order.objects.get().status) == (10, "cancelled")


def test_a_share_of_good_cards_is_declined():
    """The provider declines as often as it is told to, and only then."""
    card = Card("4242424242424242", "12/2034", "123")
    chances = iter([0.019, 0.02, 0.5])
    provider = TestProvider(decline_rate=0.02, chance=lambda: next(chances))
    assert [provider.authorize(card, 100).decline_code for _ in range(3)] == ["do_not_honor", "", ""]


def test_a_real_card_is_refused_before_anybody_is_asked(shopper: Client, product: Product):
    """A number that is no test card never reaches provider or database."""
    fill_cart(shopper, product)
    answer = pay(shopper, "4111 1111 1111 1111")
    assert answer.status_code == 400
    assert "test cards only" in answer.content.decode()
    assert not Order.objects.exists()
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("card_expiry", "01/20"), ("card_expiry", "13/34"), ("card_cvc", "12"), ("country", "XX"), ("street", " ")],
)
def test_what_is_typed_is_checked(shopper: Client, product: Product, field: str, value: str):
    """The field is marked, described for screen readers, and nothing is bought."""
    fill_cart(shopper, product)
    answer = pay(shopper, **{field: value})
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not Order.objects.exists()


def test_too_few_are_left(shopper: Client, product: Product, logged_events: Any):
    """Somebody was faster: nothing is charged, the cart's page says so, and the event names the product."""
    fill_cart(shopper, product, 5)
    form = shopper.get("/orders/checkout/").context["form"]
    Product.objects.update(stock=4)
    answer = pay(shopper, checkout_key=form["checkout_key"].value())
    assert (answer.status_code, answer.url) == (302, "/cart/")
    assert "Somebody was faster" in shopper.get("/cart/").content.decode()
    event = logged_events.one("order.out_of_stock")
    assert (event["shop.product.sku"], event["shop.product.stock"]) == (product.sku, 4)
    assert not Order.objects.exists()
    assert not Payment.objects.exists()


def test_the_price_that_was_shown_is_the_price(shopper: Client, product: Product):
    """Where it changed between page and click, nothing is bought and the buyer looks again."""
    fill_cart(shopper, product)
    agreed = shopper.get("/orders/checkout/").context["contents"].total_cents
    Product.objects.update(price_cents=2600)
    answer = pay(shopper, agreed_cents=agreed)
    assert answer.url == "/cart/"
    assert not Order.objects.exists()


def test_a_double_click_is_one_order(shopper: Client, product: Product, logged_events: Any):
    """The same form sent twice leads to the same order, charged once."""
    fill_cart(shopper, product)
    key = str(uuid.uuid4())
    first = pay(shopper, checkout_key=key)
    fill_cart(shopper, product)
    second = pay(shopper, checkout_key=key)
    order = Order.objects.get()
    assert (first.url, second.url) == (f"/orders/{order.id}/?thanks=1", f"/orders/{order.id}/")
    assert Payment.objects.count() == 1


def test_a_second_click_after_the_cart_is_gone_finds_the_order(shopper: Client, product: Product):
    """A slow browser's second request lands on the order, not on an empty cart."""
    fill_cart(shopper, product)
    form = shopper.get("/orders/checkout/").context["form"]
    hidden = {name: str(form[name].value()) for name in ("checkout_key", "agreed_cents")}
    pay(shopper, **hidden)
    typed = {"name": "A", "street": "B", "postcode": "C", "city": "D", "country": "DE"}
    card = {"card_number": GOOD, "card_expiry": "12/34", "card_cvc": "123"}
    answer = shopper.post("/orders/checkout/", {**typed, **card, **hidden})
    assert answer.url == f"/orders/{Order.objects.get().id}/"


def test_money_for_an_order_that_was_given_up_is_given_back(
    shopper: Client, customer: User, product: Product, logged_events: Any, monkeypatch: pytest.MonkeyPatch
):
    """A provider that takes a quarter of an hour: the order is cancelled meanwhile, so the authorisation is voided."""
    fill_cart(shopper, product)
    answer_in_time = checkout.pay

    def answer_too_late(order_id: str, amount_cents: int, card: Card) -> Payment:
        assert fulfilment.cancel(Order.objects.get(pk=order_id), reason="not_paid")
        return answer_in_time(order_id, amount_cents, card)

    monkeypatch.setattr(checkout, "pay", answer_too_late)
    assert pay(shopper).status_code == 402
    assert Payment.objects.get().status == "voided"
    assert logged_events.one("payment.voided")["shop.order.id"] == Order.objects.get().id
    assert (Order.objects.get().status, stock(product)) == ("cancelled", 10)


def test_orders_are_their_owners_alone(shopper: Client, clerk: Client, product: Product):
    """Somebody else's order is not found, and visitors are asked to log in."""
    fill_cart(shopper, product)
    pay(shopper)
    order = Order.objects.get()
    assert shopper.get(f"/orders/{order.id}/").status_code == 200
    assert clerk.get(f"/orders/{order.id}/").status_code == 404
    assert Client().get(f"/orders/{order.id}/").url.startswith("/account/log-in/")


def test_the_history_shows_what_was_paid(shopper: Client, make_product: MakeProduct):
    """Newest first; attempts that were declined are no orders."""
    for product in (make_product(), make_product()):
        fill_cart(shopper, product)
        pay(shopper)
    fill_cart(shopper, make_product())
    pay(shopper, DECLINED)
    shown = [order.lines.get().sku for order in shopper.get("/orders/").context["page"]]
    assert shown == ["KIT-0102", "KIT-0101"]


def test_an_order_keeps_the_price_of_its_day(shopper: Client, product: Product):
    """A product that becomes dearer, or is renamed, does not change what was bought."""
    fill_cart(shopper, product)
    pay(shopper)
    Product.objects.update(price_cents=9900, name="Other")
    page = shopper.get(f"/orders/{Order.objects.get().id}/").content.decode()
    assert "Pan 101" in page
    assert "€25.00" in page
    assert "99.00" not in page
