"""Links from a page for staff to the console's log search."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings

from shopapp.orders.models import Order

__all__ = ["EventLink", "links_of"]

BEFORE = timedelta(minutes=15)  # what led to the order: the cart, the search, the log-in


class EventLink(NamedTuple):
    """A link for a list."""

    label: str
    url: str


def links_of(order: Order) -> list[EventLink]:
    """Searches for the events of an order, from a quarter of an hour before it was made."""
    since = (order.created_at - BEFORE).isoformat(timespec="seconds").replace("+00:00", "Z")
    about = {"q": order.id, "from": since}
    return [
        EventLink("Everything about this order", _search(about)),
        EventLink("What became of it", _search({**about, "category": "order"})),
        EventLink("Its payments", _search({**about, "category": "payment"})),
    ]


def _search(query: dict[str, str]) -> str:
    return f"{settings.SHOP_OPS_URL}?{urlencode(query)}"
