"""A shop's days, as many events as are wanted, with the mix of fields that dashboards and searches ask for."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from tests.dashboards.shop_day import PRODUCERS, events

__all__ = ["bulk_bodies"]

CHUNK = 10_000  # different events; making one costs as much as storing it, so
COPIES = 10  # each is told by this many processes: at another second, of another trace, in other words
PER_REQUEST = 1_000
WORDS = ("tea", "kettle", "mug", "filter", "sugar", "spoon", "saucer", "basket", "checkout", "card", "parcel", "label")


def bulk_bodies(count: int, until: datetime, namespace: str) -> Iterator[bytes]:
    """Bodies for ``POST /_bulk``, `PER_REQUEST` events each, *count* in all; most of the last day, some of ten."""
    made = 0
    chance = random.Random(7)
    documents: list[dict[str, Any]] = []
    while made < count:
        if made % (CHUNK * COPIES) < CHUNK:
            documents = events(until, count=CHUNK, seed=made)[:CHUNK]
        producers = [secrets.token_hex(16) for _ in PRODUCERS]  # a deployment starts new ones
        told = documents[: count - made]
        made += len(told)
        lines = [line for document in told for line in _lines(document, producers, namespace, chance)]
        for start in range(0, len(lines), 2 * PER_REQUEST):
            yield b"\n".join(lines[start : start + 2 * PER_REQUEST]) + b"\n"


def _lines(
    document: dict[str, Any], producers: list[str], namespace: str, chance: random.Random
) -> tuple[bytes, bytes]:
    event, dataset = document["event"], document["data_stream"]["dataset"]
    producer, words = chance.choice(producers), " ".join(chance.sample(WORDS, 3))
    document["@timestamp"] = f"{document['@timestamp'][:17]}{chance.uniform(0, 59.999999):09.6f}Z"
    document["agent"] = {"ephemeral_id": producer}
    document["trace"] = {"id": f"{chance.getrandbits(128):032x}"}
    document["message"] = f"{event.get('action', 'refused')} {words} {chance.randrange(100_000)}"
    document["data_stream"] = {"type": "logs", "dataset": dataset, "namespace": namespace}
    event["id"] = f"{producer}-{dataset.partition('.')[2]}-{event['sequence']}-{chance.getrandbits(40):x}"
    event["created"] = event["ingested"]
    return (
        orjson.dumps({"create": {"_index": f"logs-{dataset}-{namespace}", "_id": event["id"]}}),
        orjson.dumps(document),
    )
