"""What changes products and their stock."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F

from shopapp.catalog.models import Product

__all__ = ["LOW_STOCK", "OutOfStock", "create_product", "put_back", "restock", "take_from_stock", "update_product"]

log = structlog.get_logger("shopapp.catalog")

LOW_STOCK = 5  # at and below this a product is shown as nearly gone and is ordered again


class OutOfStock(Exception):
    """Fewer are left than somebody wants to buy."""

    def __init__(self, product: Product) -> None:
        super().__init__(product.sku)
        self.product = product


def take_from_stock(quantities: Mapping[int, int]) -> None:
    """
    Take *quantities* (by product id) from stock, all or none.

    The condition is part of the update: two buyers of the last one cannot both get it, whatever each has read before.

    Raises:
        OutOfStock: the first product of which too few are left.
    """
    with transaction.atomic():
        for product_id, quantity in sorted(quantities.items()):  # one order for all buyers: no deadlock
            enough = Product.objects.filter(pk=product_id, is_active=True, stock__gte=quantity)
            if not enough.update(stock=F("stock") - quantity):
                raise OutOfStock(Product.objects.get(pk=product_id))
        for product in Product.objects.filter(pk__in=quantities, stock__lte=LOW_STOCK):
            _log_after_commit("catalog.stock_low", product, level="warning")


def put_back(quantities: Mapping[int, int]) -> None:
    """Return *quantities* (by product id) to stock: an order came to nothing."""
    with transaction.atomic():
        for product_id, quantity in sorted(quantities.items()):
            Product.objects.filter(pk=product_id).update(stock=F("stock") + quantity)


def restock() -> int:
    """Order again what runs low; the number of products that were."""
    with transaction.atomic():
        low = list(Product.objects.filter(is_active=True, stock__lte=LOW_STOCK, restock_to__gt=F("stock")))
        for product in low:
            Product.objects.filter(pk=product.pk, stock=product.stock).update(stock=product.restock_to)
            product.stock = product.restock_to
            _log_after_commit("catalog.restocked", product)
    return len(low)


def create_product(fields: Mapping[str, Any]) -> Product:
    """A new product from checked *fields*, logged for the auditor."""
    with transaction.atomic():
        product = Product.objects.create(**fields)
        _audit("audit.created", product)
    return product


def update_product(product: Product, changed: Mapping[str, Any], stock_change: int = 0) -> None:
    """
    Save the *changed* fields, and add *stock_change* (which may be negative) to the stock.

    Only these columns are written, and stock is added to: a sale that happens meanwhile keeps its effect.

    Raises:
        OutOfStock: fewer are left than *stock_change* takes away.
    """
    if not changed and not stock_change:
        return
    with transaction.atomic():
        writes = {**changed, "stock": F("stock") + stock_change} if stock_change else dict(changed)
        if not Product.objects.filter(pk=product.pk, stock__gte=-stock_change).update(**writes):
            raise OutOfStock(product)
        _audit("audit.changed", product, changes=sorted(writes))


def _audit(event: str, product: Product, **extra: Any) -> None:
    transaction.on_commit(partial(log.info, event, object_type="product", object_id=product.sku, **extra))


def _log_after_commit(event: str, product: Product, level: str = "info") -> None:
    transaction.on_commit(partial(getattr(log, level), event, sku=product.sku, stock=product.stock))
