"""
Stage 4 of 12: make the document that the contract promises.

Known keyword arguments become their fields, in the field's type. Everything else is kept where nothing can conflict:
text in ``labels``, numbers in ``numeric_labels``, nested values under dotted keys. A value that does not fit the type
of its field goes there too and is counted. Never raises: any Python value has a place.

A document has three parts: the envelope, which says who logs, and at which level; the context; and what the event
itself says. The first two are the same in many events, and made once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from logging_pipeline.contract import Contract, Field
from logging_pipeline.contract.field_values import FIT, MAX_KEY_CHARS, as_key, as_text
from logging_pipeline.contract.messages import filled
from logging_pipeline.contract.parts import USER_KEYS, Part
from logging_pipeline.contract.plain import OMITTED, Fault
from logging_pipeline.journey.collect import Collected
from logging_pipeline.sensitive import cut

__all__ = ["ECS_VERSION", "Enforcer", "Origin"]

ECS_VERSION = "9.2.0"
LEVEL_NAMES = {10: "debug", 20: "info", 30: "warning", 40: "error", 50: "critical"}
MAX_KEYS = 4_096  # remembered in each category; names that are made up as one goes have no end

OURS = frozenset({
    "@timestamp", "message", "data_stream", "event.id", "event.sequence", "event.severity", "event.dataset",
    "event.created",
})  # fmt: skip
"""Fields and objects that nobody sets but these stages."""

Document = dict[str, Any]


@dataclass(frozen=True)
class Origin:
    """What is the same in every event of one process; `static` is never changed."""

    ephemeral_id: str
    app: str
    namespace: str
    static: Mapping[str, Mapping[str, Any]]


class Enforcer:
    """
    Makes the parts of documents.

    Args:
        max_values: values beyond the known fields that an event keeps; the rest is counted in ``numeric_labels``.
        max_chars: text after which no further text is kept: masking need not search what could not be sent.
    """

    def __init__(self, origin: Origin, contract: Contract, *, max_values: int = 256, max_chars: int = 64_000) -> None:
        self._origin = origin
        self._contract = contract
        self._max_values = max_values
        self._max_chars = max_chars
        self._slots: dict[str, _Slots] = {}  # for what events say, by category
        self._context_slots: dict[str, _Slots] = {}

    def envelope(self, category: str, severity: int, logger: str) -> Document:
        """What every event of one category, level and logger has in common, with the origin's objects in it."""
        dataset = f"{self._origin.app}.{category}"
        return {
            **self._origin.static,
            "data_stream": {"type": "logs", "dataset": dataset, "namespace": self._origin.namespace},
            "log": {"level": LEVEL_NAMES[min(max(severity // 10 * 10, 10), 50)], "logger": cut(logger, MAX_KEY_CHARS)},
        }

    def context(self, fields: Mapping[str, Any], category: str) -> Part:
        """What `bind` joined: the same in all events of one request, or task, and category."""
        part = Part((), self._max_values, self._max_chars)
        slots = self._context_slots.get(category)
        if slots is None:
            slots = self._context_slots[category] = self._new_slots(category, trusted=True)
        slots.fill(part, fields)
        return part

    def event(self, event: Collected, envelope: Document, context: Part) -> Part:
        """
        What *event* itself says.

        Where it has more to say in an object of the other parts, its part has a copy of that, which takes its place.
        """
        part = Part((envelope, context.document), context.values_left, context.chars_left, context.user)
        part.document["event"] = {"severity": event.severity}
        fields, category = event.fields, event.category
        if Fault in map(type, fields.values()):
            part.fail(next(value for value in fields.values() if type(value) is Fault))
        slots = self._slots.get(category)
        if slots is None:
            slots = self._slots[category] = self._new_slots(category, trusted=category == "ledger")
        slots.fill(part, fields)
        self._message(part, event)
        if part.omitted or context.omitted:
            part.object("numeric_labels")[OMITTED] = part.omitted + context.omitted
        return part

    def _message(self, part: Part, event: Collected) -> None:
        name = event.event if type(event.event) is str else as_text(event.event)
        declared = self._contract.events.get(name)
        if declared is not None:
            part.document["event"]["action"] = name
            part.document["message"] = filled(declared.message or name, event.fields)
        else:
            if " " not in name and len(name) <= MAX_KEY_CHARS and _is_a_name(name):
                part.document["event"]["action"] = name
            part.document["message"] = name

    def _new_slots(self, category: str, *, trusted: bool) -> _Slots:
        fields = self._contract.aliases[category if category in self._contract.by_name else "system"]
        return _Slots(fields, OURS.union(self._origin.static), trusted=trusted)


# --- where a value goes by its key -----------------------------------------------------------------------------------


class _Slot(NamedTuple):
    """What becomes of the values under one key; without *fill* they are labels."""

    label: str
    fill: Callable[[Part, _Slot, Any], None] | None = None
    path: tuple[str, ...] = ()
    leaf: str = ""
    fit: Callable[[Any], Any] = lambda _: None


class _Slots(dict[str, _Slot]):
    """The slots of one category, by key; found out when a key is seen first."""

    def __init__(self, fields: Mapping[str, Field], ours: frozenset[str], *, trusted: bool) -> None:
        super().__init__()
        self._fields = fields
        self._ours = ours
        self._trusted = trusted

    def fill(self, part: Part, values: Mapping[str, Any]) -> None:
        """Put each of *values* where it belongs in *part*."""
        for key, value in values.items():
            if value is not None and value is not part.fault:
                slot = self[key]
                if slot.fill is None:
                    part.label(slot.label, value)
                else:
                    slot.fill(part, slot, value)

    def __missing__(self, key: str) -> _Slot:
        slot = self._slot(key)
        if len(self) < MAX_KEYS and len(key) <= MAX_KEY_CHARS:
            self[key] = slot
        return slot

    def _slot(self, key: str) -> _Slot:
        field = self._fields.get(key)
        if key in USER_KEYS:
            return _Slot(key, _fill_user)
        if key == OMITTED:
            return _Slot(key, _count_omitted)
        if field is not None and field.type == "flattened":
            return _Slot(as_key(key), _spread)
        if field is None or field.enriched or (field.trusted and not self._trusted):
            return _Slot(as_key(key))
        *path, leaf = field.name.split(".")
        ours = field.name in self._ours or field.name.split(".")[0] in self._ours
        return _Slot(
            as_key(key), _fill_field, tuple(path), leaf, _Slot._field_defaults["fit"] if ours else FIT[field.type]
        )


def _fill_field(part: Part, slot: _Slot, value: Any) -> None:
    fitting = slot.fit(value)
    if type(fitting) is str and not part.affords(fitting):
        part.omitted += 1
    elif fitting is None or not part.put(slot.path, slot.leaf, fitting):
        part.misfits += 1
        part.label(slot.label, value)


def _fill_user(part: Part, slot: _Slot, value: Any) -> None:
    """Who acts is ``user.id``; a second user, whom the event is about, stays under the name that code gave."""
    text = as_text(value)
    if part.user is None:
        part.user = text
        part.object("user")["id"] = text
    elif part.user != text:
        part.label(slot.label, text)


def _spread(part: Part, slot: _Slot, value: Any) -> None:
    """``labels={"a": 1}``: the members are labels of their own."""
    if not isinstance(value, dict):
        part.misfits += 1
        part.label(slot.label, value)
        return
    for key, inner in value.items():
        part.label(as_key(key), inner)


def _count_omitted(part: Part, slot: _Slot, value: Any) -> None:
    if type(value) is int:
        part.omitted += value
    else:
        part.label(slot.label, value)


@lru_cache(MAX_KEYS)
def _is_a_name(text: str) -> bool:
    return "." in text and text.isprintable()
