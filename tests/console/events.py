"""Events as the pipeline stores them, and a shop's morning of them."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch

Document = dict[str, Any]
SEVERITY = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}


def document(
    category: str,
    action: str,
    time: datetime,
    message: str = "",
    *,
    level: str = "info",
    sequence: int = 1,
    **fields: Any,
) -> Document:
    """One event; *fields* are whole top-level objects (``trace={"id": …}``), which win."""
    producer = secrets.token_hex(16)
    own = {
        "@timestamp": time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "message": message or action,
        "event": {"action": action, "id": f"{producer}-{category}-{sequence}", "sequence": sequence},
        "log": {"level": level, "logger": f"shop.{category}"},
        "data_stream": {"type": "logs", "dataset": f"shop.{category}", "namespace": "default"},
        "service": {"name": "shop-web", "version": "1.4.2", "environment": "production"},
        "agent": {"ephemeral_id": producer},
    }
    own["event"]["severity"] = SEVERITY.get(level, 0)
    event = {**own["event"], **fields.pop("event", {})}
    return {**own, **fields, "event": event}


def index(client: Elasticsearch, namespace: str, documents: Iterable[Document]) -> None:
    """Store *documents* in the streams of *namespace*, searchable at once; each must be accepted."""
    lines: list[bytes] = []
    for found in documents:
        category = found["data_stream"]["dataset"].removeprefix("shop.")
        action = {"create": {"_index": f"logs-shop.{category}-{namespace}", "_id": found["event"]["id"]}}
        lines += [json.dumps(action).encode(), json.dumps(found).encode()]  # json writes half surrogate pairs too
    answer = client.bulk(body=b"\n".join(lines) + b"\n", refresh=True)
    refused = [item for item in answer["items"] if item["create"]["status"] != 201]
    assert not refused, refused[0]


def journey(
    time: datetime, *, trace: str, path: str = "/checkout/", status: int = 200, ms: int = 180
) -> list[Document]:
    """One request and what it caused: the request, a task, an audit note, all of one trace."""
    ids = {"trace": {"id": trace}, "transaction": {"id": trace[:16]}}
    worker = {"name": "shop-worker", "version": "1.4.2", "environment": "production"}
    began = time - timedelta(milliseconds=ms)
    return [
        document(
            "system", "payment.requested", time - timedelta(milliseconds=ms * 0.6), "asked the payment provider", **ids
        ),
        document(
            "http",
            "http.request",
            time,
            f"POST {path} {status}",
            level="info" if status < 500 else "error",
            event={"duration": ms * 1_000_000, "start": began.isoformat(), "outcome": "success"},
            http={"request": {"method": "POST", "id": f"req-{trace[:8]}"}, "response": {"status_code": status}},
            url={"path": path},
            client={"ip": "203.0.113.0", "class": "browser"},
            user={"hash": trace[::-1][:16]},
            **ids,
        ),
        document(
            "task",
            "task.run",
            time + timedelta(milliseconds=420),
            "notifications.send_confirmation SUCCESS",
            event={"duration": 310_000_000},
            celery={"task": {"name": "notifications.send_confirmation", "id": trace, "state": "SUCCESS", "attempt": 1}},
            service=worker,
            **ids,
        ),
        document(
            "audit",
            "audit.changed",
            time + timedelta(milliseconds=30),
            "stock of product 17 changed",
            audit={"object": {"type": "product", "id": "17"}, "changes": ["stock"]},
            **ids,
        ),
    ]


def morning(until: datetime, *, hours: float, count: int, seed: int = 7) -> list[Document]:
    """*count* events of a shop, spread over the *hours* before *until*; the same for the same *seed*."""
    chance = random.Random(seed)
    found: list[Document] = []
    while len(found) < count:
        time = until - timedelta(hours=hours * chance.random() ** 1.15)
        found += _scene(chance, time)
    return found


def _scene(chance: random.Random, time: datetime) -> list[Document]:
    trace = f"{chance.getrandbits(128):032x}"
    kind = chance.random()
    path = chance.choice(["/", "/category/tea/", "/product/sencha/", "/cart/", "/search/", "/orders/", "/account/"])
    if kind < 0.12:
        return journey(time, trace=trace, ms=chance.randint(90, 900))
    if kind < 0.16:
        failed = journey(time, trace=trace, status=500, ms=chance.randint(40, 300))
        error = {
            "type": "PaymentDeclined",
            "message": "card expired for order ORD-2026-00417",
            "stack_trace": "Traceback (most recent call last):\n"
            + '  File "payments/services.py", line 88, in charge\n    raise PaymentDeclined(reason)\n' * 14
            + "payments.errors.PaymentDeclined: card expired",
            "grouping_key": "9f3ac1",
        }
        ids = {"trace": {"id": trace}}
        return [
            *failed,
            document("system", "payment.declined", time, "The payment was declined", level="error", error=error, **ids),
        ]
    if kind < 0.22:
        where = {"ip": "198.51.100.23", "class": "script"}
        return [document("auth", "auth.failed", time, "log-in failed", level="warning", client=where)]
    if kind < 0.225:
        return [document("system", "stock.inconsistent", time, "stock of product 17 is below zero", level="critical")]
    if kind < 0.3:
        return [document("system", "cache.miss", time, "no price list in the cache", level="debug")]
    ms = int(chance.lognormvariate(3.6, 0.8))
    return [
        document(
            "http",
            "http.request",
            time,
            f"GET {path} 200",
            trace={"id": trace},
            event={"duration": ms * 1_000_000, "outcome": "success"},
            http={"request": {"method": "GET", "id": f"req-{trace[:8]}"}, "response": {"status_code": 200}},
            url={"path": path},
        )
    ]
