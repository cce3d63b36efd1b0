"""What changes carts."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone

from shopapp.cart.models import Cart, CartLine
from shopapp.cart.selectors import SESSION_KEY, visit_cart
from shopapp.catalog.models import Product

__all__ = ["MAX_LINES", "MAX_QUANTITY", "CartFull", "add", "cart_for", "expire", "merge_at_log_in", "set_quantity"]

log = structlog.get_logger("shopapp.cart")

MAX_QUANTITY = 20  # of one product; more is a matter for the telephone
MAX_LINES = 50


class CartFull(Exception):
    """The cart has as many different products as it may have."""


def cart_for(request: HttpRequest) -> Cart:
    """The cart of whoever asks, made if need be."""
    if request.user.is_authenticated:
        return Cart.objects.get_or_create(customer_id=request.user.pk)[0]
    cart = visit_cart(request)
    if cart is None:
        cart = Cart.objects.create()
        request.session[SESSION_KEY] = str(cart.pk)
    return cart


def add(cart: Cart, product: Product, quantity: int) -> int:
    """
    Put *quantity* more of *product* into *cart*; how many are in it now, at most `MAX_QUANTITY`.

    Raises:
        CartFull: it is one product too many.
    """
    with transaction.atomic():
        line = cart.lines.filter(product_id=product.pk).first()
        if line is None and cart.lines.count() >= MAX_LINES:
            raise CartFull
        line = line or CartLine(cart=cart, product_id=product.pk, quantity=0)
        line.quantity = min(line.quantity + quantity, MAX_QUANTITY)
        line.save()
        _changed(cart, "cart.item_added", product, quantity=line.quantity)
    return line.quantity


def set_quantity(cart: Cart, product: Product, quantity: int) -> None:
    """Have exactly *quantity* of *product* in *cart*; 0 takes it out."""
    with transaction.atomic():
        line = cart.lines.filter(product_id=product.pk).first()
        if line is None or line.quantity == quantity:
            return
        if quantity <= 0:
            line.delete()
            _changed(cart, "cart.item_removed", product)
        else:
            line.quantity = min(quantity, MAX_QUANTITY)
            line.save()
            _changed(cart, "cart.item_changed", product, quantity=line.quantity)


def merge_at_log_in(request: HttpRequest, user: Any, **_: Any) -> None:
    """Move what was collected before the log-in into the account's cart; of a product the larger number counts."""
    before = visit_cart(request) if request is not None and hasattr(request, "session") else None
    if before is None:
        return
    with transaction.atomic():
        cart, _made = Cart.objects.get_or_create(customer_id=user.pk)
        there = {line.product_id: line for line in cart.lines.all()}
        for line in before.lines.all():
            mine = there.get(line.product_id)
            if mine is None:
                cart.lines.create(product_id=line.product_id, quantity=line.quantity)
            elif mine.quantity < line.quantity:
                mine.quantity = line.quantity
                mine.save()
        before.delete()
        cart.save()
        _log_after_commit("cart.merged", cart_id=str(cart.pk), items=_count(cart))
    request.session.pop(SESSION_KEY, None)


def expire() -> int:
    """Delete carts without an account that nobody touched for `SHOP_CART_TTL_DAYS` days; their number."""
    since = timezone.now() - timedelta(days=settings.SHOP_CART_TTL_DAYS)
    with transaction.atomic():
        stale = Cart.objects.filter(customer_id=None, updated_at__lt=since)
        count = stale.count()
        stale.delete()
        if count:
            _log_after_commit("cart.expired", carts=count)
    return count


def _changed(cart: Cart, event: str, product: Product, **fields: Any) -> None:
    cart.save()  # moves updated_at
    _log_after_commit(
        event,
        cart_id=str(cart.pk),
        sku=product.sku,
        price_cents=product.price_cents,
        items=_count(cart),
        **fields,
    )


def _count(cart: Cart) -> int:
    return cart.lines.aggregate(n=Sum("quantity"))["n"] or 0


def _log_after_commit(event: str, **fields: Any) -> None:
    transaction.on_commit(partial(log.info, event, **fields))
