"""What every page shows around its content."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from shopapp.cart.selectors import item_count
from shopapp.catalog.selectors import categories

__all__ = ["layout"]


def layout(request: HttpRequest) -> dict[str, Any]:
    """The shop's name and logs, the categories, the items in the cart; the database is asked only if they are shown."""
    return {
        "shop_name": settings.SHOP_NAME,
        "logs_url": settings.SHOP_OPS_URL,
        "all_categories": SimpleLazyObject(lambda: list(categories())),
        "cart_items": SimpleLazyObject(lambda: item_count(request)),
    }
