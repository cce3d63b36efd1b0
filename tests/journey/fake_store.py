"""Elasticsearch as stage 12 sees it, with troubles planted in it, and events for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from logging_pipeline.indexes.ask import Refused
from logging_pipeline.journey.write import Action, Written, write

STREAM = "logs-shop.http-default"
LETTERS = "logs-shop.dead_letter-default"
PRODUCER = "0123456789abcdef0123456789abcdef"


def event(sequence: int, *, category: str = "http", **fields: Any) -> Action:
    event_id = f"{PRODUCER}-{category}-{sequence}"
    body = {"@timestamp": "2026-01-01T00:00:00.123456Z", "event": {"id": event_id, "sequence": sequence}, **fields}
    return Action(STREAM, event_id, orjson.dumps(body))


class Impatient(threading.Event):
    """A stop signal that is never given; it notes how long it would have been waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return self.is_set()


Answer = Callable[[list[tuple[str, str, bytes]]], list[dict[str, Any]]]


class FakeStore:
    """Elasticsearch as far as this stage sees it: documents by stream and id, and planted troubles."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], bytes] = {}
        self.older: dict[tuple[str, str], bytes] = {}
        self.troubles: list[Exception] = []  # raised by the next requests, one each
        self.item_troubles: dict[str, list[dict[str, Any]]] = {}  # by id: the answers before the honest one
        self.max_bytes = 100_000_000
        self.readable = True
        self.requests: list[list[str]] = []

    def bulk(self, body: bytes) -> list[dict[str, Any]]:
        lines = body.split(b"\n")
        assert lines.pop() == b""
        heads = [orjson.loads(line)["create"] for line in lines[::2]]
        self.requests.append([head["_id"] for head in heads])
        if self.troubles:
            raise self.troubles.pop(0)
        if len(body) > self.max_bytes:
            raise Refused("too large", status=413, kind="content_too_long")
        if any(len(head["_id"]) > 512 for head in heads):
            raise Refused("id too long", status=400, kind="action_request_validation_exception")
        return [self._item(head["_index"], head["_id"], line) for head, line in zip(heads, lines[1::2], strict=True)]

    def _item(self, stream: str, event_id: str, body: bytes) -> dict[str, Any]:
        if self.item_troubles.get(event_id):
            return self.item_troubles[event_id].pop(0)
        if (stream, event_id) in self.documents:
            return {"status": 409, "error": {"type": "version_conflict_engine_exception", "index": f".ds-{stream}-2"}}
        self.documents[stream, event_id] = body
        return {"status": 201}

    def get(self, places: Sequence[tuple[str, str]]) -> list[dict[str, Any] | None]:
        if not self.readable:
            raise Refused("not yours", status=403, kind="security_exception")
        found = []
        for index, event_id in places:
            documents = self.older if index.endswith("-1") else self.documents
            body = documents.get((index[4:-2], event_id))
            found.append(None if body is None else orjson.loads(body))
        return found

    def older_indices(self, stream: str) -> list[str]:
        return [f".ds-{stream}-1"]

    def stored(self, action: Action) -> bool:
        return self.documents.get((action.stream, action.id)) == action.body

    @property
    def letters(self) -> list[dict[str, Any]]:
        return [orjson.loads(body) for (stream, _), body in self.documents.items() if stream == LETTERS]


def item(status: int, kind: str = "planted") -> dict[str, Any]:
    return {"status": status, "error": {"type": kind, "reason": f"planted {status}"}}


def write_to(store: FakeStore, actions: Sequence[Action], **options: Any) -> Written:
    return write(actions, store=store, dead_letters=LETTERS, stop=options.pop("stop", Impatient()), **options)
