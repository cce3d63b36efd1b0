"""Events of a shop, of every kind that dashboards show: the same for the same seed, in every shape that they count."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

Document = dict[str, Any]

PRODUCERS = tuple(f"{n:032x}" for n in (0xA1, 0xB2, 0xC3))
ROUTES = ("", "product/<slug>/", "cart/", "checkout/", "search/")
SECTIONS = ("home", "product", "cart", "checkout", "search")


def events(until: datetime, *, count: int = 900, seed: int = 11) -> list[Document]:
    """About *count* events before *until*, most of the last day, some of the last ten, a few later than *until*."""
    chance = random.Random(seed)
    made: list[Document] = []
    numbers: dict[tuple[str, str], int] = {}
    while len(made) < count:
        hours = 24 * chance.random() if chance.random() < 0.7 else 240 * chance.random()
        time = until - timedelta(hours=hours) if chance.random() < 0.99 else until + timedelta(minutes=5)
        for category, level, fields in chance.choice(_SCENES)(chance):
            made.append(_event(chance, category, level, time, fields, numbers))
    return made


def flat(document: Document, above: str = "") -> dict[str, Any]:
    """A document with dotted names."""
    found: dict[str, Any] = {}
    for name, value in document.items():
        if isinstance(value, dict):
            found |= flat(value, f"{above}{name}.")
        else:
            found[above + name] = value
    return found


def nested(fields: dict[str, Any]) -> Document:
    """Dotted names as a document."""
    whole: Document = {}
    for name, value in fields.items():
        *path, leaf = name.split(".")
        place = whole
        for part in path:
            place = place.setdefault(part, {})
        place[leaf] = value
    return whole


def _event(
    chance: random.Random,
    category: str,
    level: str,
    time: datetime,
    fields: dict[str, Any],
    numbers: dict[tuple[str, str], int],
) -> Document:
    producer = chance.choice(PRODUCERS)
    numbers[producer, category] = numbers.get((producer, category), 0) + chance.choice((1, 1, 1, 2))
    number = numbers[producer, category]
    return nested(
        {
            "@timestamp": _iso(time),
            "event.ingested": _iso(time + timedelta(milliseconds=chance.randint(200, 4_000))),
            "event.id": f"{producer}-{category}-{number}",
            "event.sequence": number,
            "event.dataset": f"shop.{category}",
            "data_stream.dataset": f"shop.{category}",
            "agent.ephemeral_id": producer,
            "log.level": level,
            "service.name": chance.choice(("shop-web", "shop-worker")),
            "service.version": chance.choice(("1.4.2", "1.5.0")),
            "service.environment": "production",
            "message": "Something happened",
            **fields,
        }
    )


def _request(chance: random.Random) -> Iterator[tuple[str, str, dict[str, Any]]]:
    status = chance.choices((200, 302, 404, 500), (80, 10, 5, 5))[0]
    place = chance.randrange(len(ROUTES))
    took = int(chance.lognormvariate(18.6, 1.1))
    fields: dict[str, Any] = {
        "event.action": "http.request",
        "event.duration": took,
        "event.outcome": "failure" if status >= 500 else "success",
        "http.request.method": "GET",
        "http.response.status_code": status,
        "http.response.status_class": f"{status // 100}xx",
        "http.response.body.bytes": chance.randint(200, 90_000),
        "http.latency_bucket": "fast" if took < 1e8 else "ok" if took < 5e8 else "slow" if took < 2e9 else "very_slow",
        "sla.breached": took > 1_000_000_000,
        "client.class": chance.choice(("browser", "browser", "mobile", "bot")),
        "url.path": f"/{SECTIONS[place]}/",
        "url.section": SECTIONS[place],
        "user.hash": f"u{chance.randrange(40)}",
    }
    if ROUTES[place]:
        fields["http.route"] = ROUTES[place]
    if status >= 500:
        kind = chance.choice(("ValueError", "OperationalError"))
        fields |= {"error.type": kind, "error.grouping_key": f"{kind}-{chance.randrange(3)}", "error.message": "no"}
    yield "http", "error" if status >= 500 else "info", fields


def _task(chance: random.Random) -> Iterator[tuple[str, str, dict[str, Any]]]:
    state = chance.choices(("SUCCESS", "RETRY", "FAILURE", "LOST"), (80, 10, 8, 2))[0]
    outcome = {"SUCCESS": "success", "RETRY": "unknown"}.get(state, "failure")
    fields = {
        "event.action": "task.run",
        "event.duration": int(chance.lognormvariate(20, 1)),
        "event.outcome": outcome,
        "celery.task.name": chance.choice(("orders.charge", "notifications.send", "cart.expire")),
        "celery.task.state": state,
        "celery.task.queue": chance.choice(("default", "mail")),
        "celery.task.attempt": chance.choice((1, 1, 1, 2, 3)),
    }
    if state != "LOST":
        fields["celery.task.queue_delay_ns"] = int(chance.lognormvariate(19, 1.4))
    if outcome == "failure":
        fields |= {"error.type": "Timeout", "error.grouping_key": "Timeout-0"}
    yield "task", "error" if outcome == "failure" else "info", fields


def _purchase(chance: random.Random) -> Iterator[tuple[str, str, dict[str, Any]]]:
    sku, order = f"SKU-{chance.randrange(12)}", f"o-{chance.randrange(10**6)}"
    yield "catalog", "info", {"event.action": "catalog.viewed", "shop.product.sku": sku}
    if chance.random() < 0.3:
        return
    yield "cart", "info", {"event.action": "cart.item_added", "shop.product.sku": sku, "shop.cart.quantity": 1}
    if chance.random() < 0.15:
        stock = {"shop.product.sku": sku, "shop.product.stock": chance.randrange(3)}
        yield "order", "warning", {"event.action": "order.out_of_stock", **stock, "event.outcome": "failure"}
        return
    status = chance.choices(("authorized", "declined", "failed"), (80, 15, 5))[0]
    cents = chance.randint(900, 90_000)
    paid = {"shop.order.id": order, "shop.payment.status": status, "shop.payment.amount_cents": cents}
    if status == "declined":
        paid["shop.payment.decline_code"] = chance.choice(("card_expired", "insufficient_funds"))
    yield (
        "payment",
        "info" if status == "authorized" else "warning",
        {"event.action": f"payment.{status}", "shop.payment.provider": "simulated", **paid},
    )
    if status != "authorized":
        return
    bucket = "small" if cents < 2_500 else "medium" if cents < 10_000 else "large" if cents < 50_000 else "very_large"
    facts = {
        "shop.order.id": order,
        "shop.order.total_cents": cents,
        "shop.order.country": chance.choice(("DE", "FR", "AT")),
        "shop.order.value_bucket": bucket,
    }
    yield "order", "info", {"event.action": "order.placed", **facts}
    yield "order", "info", {"event.action": chance.choice(("order.shipped", "order.cancelled")), **facts}
    if chance.random() < 0.3:
        low = {"shop.product.sku": sku, "shop.product.stock": chance.randrange(1, 5)}
        yield "catalog", "warning", {"event.action": "catalog.stock_low", **low}


def _visit(chance: random.Random) -> Iterator[tuple[str, str, dict[str, Any]]]:
    action = chance.choice(("auth.login", "auth.failed", "auth.failed", "auth.locked", "auth.logout"))
    where = f"203.0.113.{chance.randrange(1, 5)}"
    yield "auth", "info", {"event.action": action, "client.ip": where, "client.class": "browser"}


def _staff(chance: random.Random) -> Iterator[tuple[str, str, dict[str, Any]]]:
    what = chance.choice(("product", "order"))
    yield (
        "audit",
        "info",
        {
            "event.action": chance.choice(("audit.changed", "audit.created")),
            "audit.object.type": what,
            "audit.object.id": str(chance.randrange(90)),
            "user.hash": "staff",
        },
    )


def _library(chance: random.Random) -> Iterator[tuple[str, str, dict[str, Any]]]:
    tags = {"tags": ["_grokparsefailure"]} if chance.random() < 0.2 else {}
    yield "system", chance.choice(("info", "warning", "critical")), {"event.action": "system.said", **tags}


def _totals(chance: random.Random) -> Iterator[tuple[str, str, dict[str, Any]]]:
    category, given, dropped = chance.choice(("http", "task")), chance.randrange(1, 5_000), chance.randrange(3)
    yield (
        "ledger",
        "info",
        {
            "event.action": "ledger.totals",
            "ledger.category": category,
            "ledger.numbered": given,
            "ledger.shipped": given - dropped,
            "ledger.spooled": 0,
            "ledger.dropped": dropped,
        },
    )
    if dropped:
        why = {"ledger.category": category, "ledger.reason": "buffer_full", "ledger.dropped": dropped}
        yield "ledger", "warning", {"event.action": "ledger.dropped", **why}


def _refused(chance: random.Random) -> Iterator[tuple[str, str, dict[str, Any]]]:
    refused = {"dead_letter.category": "http", "dead_letter.reason": chance.choice(("refused", "too_large"))}
    yield "dead_letter", "error", {**refused, "error.type": "document_parsing_exception"}
    yield (
        "discarded",
        "info",
        {"discard.reason": chance.choice(("health_check", "not_json")), "discard.category": "http"},
    )


_SCENES = (*([_request] * 6), *([_task] * 3), *([_purchase] * 3), _visit, _staff, _library, _totals, _refused)


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
