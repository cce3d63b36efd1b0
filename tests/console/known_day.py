"""A known day of a shop in the console's streams: the same events for every test that looks at dashboards."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from tests.console.events import index
from tests.dashboards.shop_day import events

NOW = datetime(2026, 3, 4, 12, 34, 56, tzinfo=UTC)
DAY = "from=2026-03-03T12:34:56Z&to=2026-03-04T12:34:56Z"


@lru_cache
def plant_day(server: Any, namespace: str) -> None:
    """Store the events before `NOW` in the streams of *namespace*, once."""
    with server.client() as writer:
        index(writer, namespace, events(NOW))
