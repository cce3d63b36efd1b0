"""One event taken through the producer's pure stages, for tests."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import orjson

from logging_pipeline.contract import CORE_CATEGORIES, CORE_FIELDS, Category, Contract, Event, Field
from logging_pipeline.contract.plain import frozen, frozen_fields
from logging_pipeline.journey.classify import classify
from logging_pipeline.journey.collect import Collected
from logging_pipeline.journey.enforce import Enforcer, Origin
from logging_pipeline.journey.pack import join
from logging_pipeline.lines import Lines
from logging_pipeline.settings import Settings

Document = dict[str, Any]

HASH_KEY = "for tests only, and long enough to be a key"
EVENT_MAX_BYTES = 64_000
CREATED = "2026-01-02T03:04:05.678901Z"
ORDER = Category(
    "order",
    "Orders.",
    fields=(
        Field("shop.order.id", "keyword", "Number.", alias="order_id"),
        Field("shop.order.total_cents", "long", "Total.", alias="total_cents"),
        Field("shop.order.weight_kg", "double", "Weight.", alias="weight_kg"),
        Field("shop.order.gift", "boolean", "Wrapped.", alias="gift"),
        Field("shop.order.due", "date", "When.", alias="due"),
        Field("shop.order.skus", "keyword", "What.", alias="skus"),
    ),
    events=(Event("order.placed", "An order was accepted.", "Order {order_id} placed"),),
)
CONTRACT = Contract(CORE_FIELDS, (*CORE_CATEGORIES, ORDER))
ORIGIN = Origin("e" * 32, "shop", "default", {"agent": {"ephemeral_id": "e" * 32}, "service": {"name": "shop-web"}})


def collected(
    event: object, fields: Mapping[Any, Any], *, context: Mapping[str, Any] | None = None, severity: int = 20
) -> Collected:
    """What `collect` would have put into the buffer."""
    category = classify(event, "shop.orders", CONTRACT)
    return Collected(
        category, 1, time.time_ns(), severity, "shop.orders", frozen(event), frozen_fields(fields), context or {}
    )


def enforced(event: object, /, context: Mapping[str, Any] | None = None, **fields: Any) -> Document:
    """The document after stage 4."""
    return parted(event, fields, context=context)[0]


def parted(
    event: object, fields: Mapping[Any, Any], *, context: Mapping[str, Any] | None = None
) -> tuple[Document, int]:
    """The document after stage 4, and how many values did not fit their field's type."""
    taken = collected(event, fields, context=context)
    enforcer = Enforcer(ORIGIN, CONTRACT)
    draft = enforcer.draft(taken, enforcer.envelope(taken.category, taken.severity, taken.logger))
    document: Document = orjson.loads(join(taken, ORIGIN, CREATED, draft.document))
    return document, draft.misfits


def masked(event: object, /, context: Mapping[str, Any] | None = None, **fields: Any) -> Document:
    """The document after stage 5."""
    found: Document = orjson.loads(packed(event, fields, context=context))
    return found


def packed(
    event: object,
    fields: Mapping[Any, Any],
    *,
    context: Mapping[str, Any] | None = None,
    max_bytes: int = EVENT_MAX_BYTES,
) -> bytes:
    """The line after stage 6."""
    lines = Lines(Settings(app="shop", hash_key=HASH_KEY, event_max_bytes=max_bytes), ORIGIN)
    lines.follow(CONTRACT)
    (line,) = lines.lines([collected(event, fields, context=context)], CREATED)
    return line


def travelled(event: object, fields: Mapping[Any, Any]) -> Document:
    """The document as its reader gets it."""
    found: Document = orjson.loads(packed(event, fields))
    return found
