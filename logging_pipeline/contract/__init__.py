"""
What an event may look like: fields, categories and event names. Pure data, no I/O.

A project declares its own in each app's ``events.py``::

    ORDER = register(
        Category(
            "order",
            "What customers ordered.",
            fields=(Field("shop.order.id", "keyword", "The order's number.", alias="order_id"),),
            events=(Event("order.placed", "An order was accepted.", "Order {order_id} placed"),),
        )
    )
"""

from logging_pipeline.contract.categories import Category, Contract, Event
from logging_pipeline.contract.core import CORE_CATEGORIES, CORE_FIELDS
from logging_pipeline.contract.fields import Field, FieldType
from logging_pipeline.contract.registry import contract, register

__all__ = [
    "CORE_CATEGORIES",
    "CORE_FIELDS",
    "Category",
    "Contract",
    "Event",
    "Field",
    "FieldType",
    "contract",
    "register",
]
