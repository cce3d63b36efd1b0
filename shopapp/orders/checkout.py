"""
From a cart to a paid order.

Stock is taken and the order written in one transaction, the provider is asked outside of any, and the answer decides
what the second transaction does: accept the order, or cancel it and return the stock. A process that dies in between
leaves a pending order, which `fulfilment.release_unpaid` settles.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import structlog
from django.db import IntegrityError, transaction

from shopapp.cart.models import Cart
from shopapp.cart.selectors import Contents, contents
from shopapp.catalog.services import OutOfStock, take_from_stock
from shopapp.orders.fulfilment import accept, cancel
from shopapp.orders.models import Order, OrderLine
from shopapp.payments.models import Payment
from shopapp.payments.provider import Card
from shopapp.payments.services import pay, void

__all__ = ["AlreadySent", "CartChanged", "PaymentRefused", "check_out"]

log = structlog.get_logger("shopapp.orders")


class AlreadySent(Exception):
    """The same form came before; `order` is what came of it."""

    def __init__(self, order: Order) -> None:
        super().__init__(order.id)
        self.order = order


class CartChanged(Exception):
    """The buyer agreed to another total than the cart has now."""


class PaymentRefused(Exception):
    """The provider declined, or failed; the order is cancelled and the stock returned."""

    def __init__(self, payment: Payment) -> None:
        super().__init__(payment.status)
        self.payment = payment


def check_out(
    cart: Cart, *, agreed_cents: int, address: Mapping[str, str], card: Card, checkout_key: uuid.UUID
) -> Order:
    """
    Buy what is in *cart*, which belongs to an account, for *agreed_cents*.

    Args:
        address: ``email name street postcode city country``.
        checkout_key: of the form; the same key twice is one order.

    Raises:
        AlreadySent: this form was sent before.
        CartChanged: the total is not *agreed_cents* any more, or the cart is empty.
        OutOfStock: too few are left of a product.
        PaymentRefused: the provider did not say yes.
    """
    order = _reserve(cart, agreed_cents, address, checkout_key)
    payment = pay(order.id, order.total_cents, card)
    if not payment.authorized:
        cancel(order, reason=f"payment_{payment.status}")
        raise PaymentRefused(payment)
    if not accept(order):  # the provider took so long that the order was given up meanwhile
        raise PaymentRefused(void(payment))
    cart.delete()
    return order


def _reserve(cart: Cart, agreed_cents: int, address: Mapping[str, str], checkout_key: uuid.UUID) -> Order:
    try:
        with transaction.atomic():
            bought = contents(cart)
            if not bought.items or bought.total_cents != agreed_cents:
                _refuse_second(checkout_key)
                raise CartChanged
            order = _write(cart.customer_id, bought, address, checkout_key)
            take_from_stock({item.product.pk: item.quantity for item in bought.items})
    except IntegrityError:
        _refuse_second(checkout_key)
        raise
    except OutOfStock as error:
        log.warning("order.out_of_stock", sku=error.product.sku, stock=error.product.stock, outcome="failure")
        raise
    return order


def _refuse_second(checkout_key: uuid.UUID) -> None:
    before = Order.objects.filter(checkout_key=checkout_key).first()
    if before is not None:
        raise AlreadySent(before)


def _write(customer_id: int | None, bought: Contents, address: Mapping[str, str], checkout_key: uuid.UUID) -> Order:
    order = Order.objects.create(
        customer_id=customer_id,
        checkout_key=checkout_key,
        goods_cents=bought.goods_cents,
        shipping_cents=bought.shipping_cents,
        total_cents=bought.total_cents,
        **address,
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            product_id=item.product.pk,
            sku=item.product.sku,
            name=item.product.name,
            picture_url=item.product.picture_url,
            unit_cents=item.product.price_cents,
            quantity=item.quantity,
        )
        for item in bought.items
    )
    return order
