"""The events of the engine's benchmark: access lines, and shop events to enrich. Always the same ones."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

__all__ = ["access_lines", "shop_lines"]

_START = datetime(2024, 3, 1, tzinfo=UTC)
_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Version/17.{{}} Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_{{}} like Mac OS X) {_WEBKIT} Version/17.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "curl/8.{}.0",
    "python-requests/2.{}.0",
)
_PATHS = (
    "/",
    "/cart",
    "/checkout?step={0}",
    "/product/{0}",
    "/api/v1/orders/{0}?token=abc{0}",
    "/static/app.{0}.js",
    "/media/img/{0}.jpg",
    "/search?q=shoes&page={0}",
    "/login",
)
_STATUSES = (*[200] * 12, 301, 302, 404, 404, 500, 502)


def access_lines(count: int) -> Iterator[bytes]:
    """*count* events with a combined access line of 150 agents, one a second."""
    chance = random.Random(7)
    agents = [chance.choice(_AGENTS).format(chance.randint(91, 120)) for _ in range(150)]
    for number in range(count):
        moment = _START + timedelta(seconds=number)
        address = ".".join(str(chance.randint(1, 220)) for _ in range(4))
        path = chance.choice(_PATHS).format(chance.randint(1, 9999))
        request = f"{chance.choice(['GET'] * 5 + ['POST'])} {path} HTTP/1.1"
        referrer = chance.choice(["-", "https://shop.example/cart"])
        response = f"{chance.choice(_STATUSES)} {chance.randint(100, 90_000)}"
        message = (
            f"{address} - {chance.choice(['-', '-', 'ann'])} [{moment:%d/%b/%Y:%H:%M:%S} +0000] "
            f'"{request}" {response} "{referrer}" "{chance.choice(agents)}"'
        )
        yield _line({"@timestamp": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "message": message})


def shop_lines(count: int) -> Iterator[bytes]:
    """*count* events of orders, payments, log-ins, requests and tasks."""
    chance = random.Random(7)
    for number in range(count):
        yield _line(_shop_event(chance, number))


def _shop_event(chance: random.Random, number: int) -> dict[str, Any]:
    category = chance.choice(["order", "payment", "auth", "http", "task"])
    moment = _START + timedelta(seconds=number)
    event: dict[str, Any] = {
        "@timestamp": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "message": f"{category} event {number} card 4111111111111111 handled",
        "env": chance.choice(["prod", "prod", "staging"]),
        "log": {"level": chance.choice(["info"] * 6 + ["warning", "error"]), "logger": f"shop.{category}"},
        "service": {"name": chance.choice(["checkout", "web", "worker", "other"])},
        "event": {"category": category, "duration_ms": chance.randint(1, 2000)},
        "http": {"status": str(chance.choice([200, 201, 404, 500])), "method": "GET"},
        "user": {"id": chance.randint(1, 99_999), "email": f"u{chance.randint(1, 9999)}@example.com"},
        "trace": {"id": f"{chance.getrandbits(128):032x}"},
    }
    if category in ("order", "payment"):
        items = [{"sku": f"s{chance.randint(1, 99)}", "qty": 1} for _ in range(2)]
        total = chance.randint(100, 99_999) / 100
        event["order"] = {"id": f"o-{chance.randint(1, 99_999)}", "total": total, "items": items}
    if category == "payment":
        provider, status = chance.choice(["stripe", "paypal"]), chance.choice(["ok", "ok", "declined"])
        event["payment"] = {"provider": provider, "status": status}
    return event


def _line(event: dict[str, Any]) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode()
