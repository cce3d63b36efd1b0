"""
Stage 6 of 12: encode events, seal them into batches by number, size or age.

A batch is what travels: one NDJSON text a category, under an id that makes a second delivery harmless.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import msgpack
import orjson

from logging_pipeline.contract.field_values import timestamp
from logging_pipeline.journey.collect import Collected
from logging_pipeline.journey.enforce import Origin

__all__ = ["Batch", "Packer", "encode", "join", "members"]

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """
    Sealed events.

    Args:
        id: unguessable, made once; the same batch keeps it through spool and retries.
        bodies: NDJSON by category, without a newline at the end.
        numbers: sequences of the events, by category, in the bodies' order.
    """

    id: str
    bodies: dict[str, bytes]
    numbers: dict[str, list[int]]

    def __len__(self) -> int:
        return sum(map(len, self.numbers.values()))

    def to_bytes(self) -> bytes:
        """The batch as it lies on disk."""
        packed: bytes = msgpack.packb([self.id, self.bodies, self.numbers])
        return packed

    @classmethod
    def from_bytes(cls, data: bytes) -> Batch:
        """
        The batch that `to_bytes` wrote.

        Raises:
            ValueError: *data* is cut or something else.
        """
        try:
            identity, bodies, numbers = msgpack.unpackb(data)
        except (TypeError, ValueError, msgpack.UnpackException) as error:
            raise ValueError(f"not a batch: {error}") from error
        if not (type(identity) is str and type(bodies) is dict and type(numbers) is dict):
            raise ValueError("not a batch: it has another form")
        return cls(identity, bodies, numbers)


@dataclass
class Packer:
    """Fills one batch at a time."""

    max_events: int
    max_bytes: int
    _lines: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    _numbers: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _events: int = 0
    _bytes: int = 0

    def add(self, category: str, sequence: int, line: bytes) -> Batch | None:
        """Put one encoded event in; the sealed batch when that filled it."""
        self._lines[category].append(line)
        self._numbers[category].append(sequence)
        self._events += 1
        self._bytes += len(line) + 1
        return self.seal() if self._events >= self.max_events or self._bytes >= self.max_bytes else None

    def seal(self) -> Batch | None:
        """What has been put in so far; ``None`` when that is nothing."""
        if not self._events:
            return None
        lines, self._lines = self._lines, defaultdict(list)
        numbers, self._numbers = self._numbers, defaultdict(list)
        self._events = self._bytes = 0
        bodies = {category: b"\n".join(events) for category, events in lines.items()}
        return Batch(uuid.uuid4().hex, bodies, dict(numbers))


def members(document: Document) -> bytes:
    """The members of *document* as JSON, with a comma behind each."""
    return _dumps(document)[1:-1] + b"," if document else b""


def join(event: Collected, origin: Origin, created: str, document: Document, shared: bytes = b"") -> bytes:
    """
    The line of *event*.

    Args:
        created: the time of packing, as text.
        document: what was made of it; its ``event`` comes first, and goes on where what is put down here ends.
        shared: further `members`, of what it has in common with others.
    """
    category, sequence = event.category, event.sequence
    core = (
        f'"@timestamp":"{timestamp(event.time_ns)}","event":{{"id":"{origin.ephemeral_id}-{category}-{sequence}",'
        f'"sequence":{sequence},"dataset":"{origin.app}.{category}","created":"{created}",'
    )
    return b"".join((b"{", shared, core.encode(), _dumps(document)[_BEHIND_EVENT:]))


_BEHIND_EVENT = len('{"event":{')


def encode(document: Document, max_bytes: int) -> bytes:
    """
    *document* as one line of JSON of at most *max_bytes*; never raises.

    The longest texts are cut until it fits. What fits in no way is replaced by a note of itself: its core fields, its
    size, and the tag ``_event_too_large``.
    """
    line = _dumps(document)
    if len(line) <= max_bytes:
        return line
    size = len(line)
    core: Document = {key: document[key] for key in _CORE if key in document}
    core["event"] = {key: _cut(value, 1_024) for key, value in core.get("event", {}).items()}
    for limit in (4_096, 1_024, 256, 64):
        line = _dumps({**_cut(document, limit), **core, "tags": ["_event_cut"]})
        if len(line) <= max_bytes:
            return line
    core["event"] = {key: value for key, value in core["event"].items() if key in _NOTE}
    return _dumps({**core, "message": f"an event of {size} bytes was too large", "tags": ["_event_too_large"]})


_NOTE = ("id", "sequence", "severity", "dataset", "created", "action")
"""What is left of ``event`` in the note: at its longest, with the other core fields, less than the least limit."""

_CORE = ("@timestamp", "event", "log", "data_stream", "agent")
"""Objects that the library alone fills; without them nobody could tell which event was cut."""


def _dumps(document: Document) -> bytes:
    try:
        return orjson.dumps(document)
    except TypeError:  # a lone surrogate, or an integer beyond 64 bits
        return orjson.dumps(_encodable(document))


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {str(_encodable(key)): _encodable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encodable(item) for item in value]
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        return f"<int of {value.bit_length()} bits>"
    return value if value is None or isinstance(value, (bool, int, float)) else _encodable(str(value))


def _cut(value: Any, limit: int) -> Any:
    if isinstance(value, str) and len(value) > limit:
        return f"{value[:limit]}…"
    if isinstance(value, dict):
        return {key: _cut(item, limit) for key, item in value.items()}
    if isinstance(value, list):
        return [_cut(item, limit) for item in value[:limit]]
    return value
