"""A refused event as a document that Elasticsearch takes: the original as text, and where it belonged."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from logging_pipeline.indexes.bulk import Action, Item

__all__ = ["Refusal", "content", "letter"]

# <agent.ephemeral_id>-<category>-<sequence>
_EVENT_ID = re.compile(r"(?P<producer>.{1,64})-(?P<category>[a-z][a-z0-9]{0,31})-(?P<sequence>[0-9]{1,18})", re.ASCII)
_TEXT_MAX_CHARS = 2_000  # of Elasticsearch's reason, which may quote the event


class Refusal(NamedTuple):
    """An event that will not be stored as it is: *reason* in a word, *item* as Elasticsearch answered."""

    action: Action
    reason: str
    item: Item


def letter(refusal: Refusal, stream: str, ignore: frozenset[str], max_bytes: int | None = None) -> Action:
    """
    The dead letter for *stream*; the same refusal of the same event always has the same id.

    Args:
        ignore: dotted fields that may differ between copies of one event.
        max_bytes: of the original, which is cut there and marked ``dead_letter.cut``; None: whole.

    Bytes of the original that are no UTF-8 are written as ``\\xff``.
    """
    action, reason, item = refusal
    kind, dataset, namespace = [*stream.split("-", 2), "", ""][:3]
    error = item.get("error", {})
    original = action.body[:max_bytes]
    place: dict[str, Any] = {"index": action.stream, "reason": reason, "status": item["status"]}
    event: dict[str, Any] = {
        "id": action.id,
        "dataset": [*action.stream.split("-"), ""][1],
        "original": original.decode("utf-8", "backslashreplace"),
    }
    document: dict[str, Any] = {
        "@timestamp": datetime.now(UTC).isoformat(),
        "message": f"Event {action.id[:100]} was refused by {action.stream}: {reason}",
        "data_stream": {"type": kind, "dataset": dataset, "namespace": namespace},
        "event": event,
        "dead_letter": place,
        "error": {"type": str(error.get("type", "")), "message": str(error.get("reason", ""))[:_TEXT_MAX_CHARS]},
    }
    if len(original) < len(action.body):
        place["cut"] = True
    if parts := _EVENT_ID.fullmatch(action.id):
        document["agent"] = {"ephemeral_id": parts["producer"]}
        event["sequence"] = int(parts["sequence"])
        place["category"] = parts["category"]
    said = content(action.body, ignore)
    if not isinstance(said, bytes):
        said = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    said += orjson.dumps([action.stream, action.id, reason])
    return Action(stream, f"dead-{hashlib.sha256(said).hexdigest()[:40]}", orjson.dumps(document))


def content(event: Item | bytes, ignore: frozenset[str]) -> Item | bytes:
    """What copies of one event have in common: its values without the fields in *ignore*; no JSON object: the bytes."""
    if isinstance(event, bytes):
        try:
            parsed = orjson.loads(event)
        except orjson.JSONDecodeError:
            return event
        if not isinstance(parsed, dict):
            return event
        event = parsed
    for name in ignore:
        _remove(event, name.split("."))
    return event


def _remove(event: dict[str, Any], path: list[str]) -> None:
    """Drop the field, and objects that it leaves empty."""
    inner = event.get(path[0])
    if len(path) == 1:
        event.pop(path[0], None)
    elif isinstance(inner, dict):
        _remove(inner, path[1:])
        if not inner:
            del event[path[0]]
