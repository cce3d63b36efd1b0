"""
Stage 4 of 12: make the document that the contract promises.

Known keyword arguments become their fields, in the field's type. Everything else is kept where nothing can conflict:
text in ``labels``, numbers in ``numeric_labels``, nested values under dotted keys. A value that does not fit the type
of its field goes there too and is counted. Never raises: any Python value has a place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from logging_pipeline.contract import Contract, Field
from logging_pipeline.contract.draft import USER_KEYS, Draft
from logging_pipeline.contract.field_values import FIT, MAX_KEY_CHARS, as_key, as_text
from logging_pipeline.contract.messages import filled
from logging_pipeline.contract.plain import OMITTED, Fault
from logging_pipeline.journey.collect import Collected
from logging_pipeline.sensitive import cut

__all__ = ["ECS_VERSION", "Enforcer", "Origin", "Slot", "Slots"]

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
    Makes documents.

    Args:
        max_values: values beyond the known fields that an event keeps; the rest is counted in ``numeric_labels``.
        max_chars: text after which no further text is kept: masking need not search what could not be sent.
    """

    def __init__(self, origin: Origin, contract: Contract, *, max_values: int = 256, max_chars: int = 64_000) -> None:
        self._origin = origin
        self._contract = contract
        self.max_values = max_values
        self._max_chars = max_chars
        self._slots: dict[tuple[str, bool], Slots] = {}

    def envelope(self, category: str, severity: int, logger: str) -> Document:
        """What every event of one category, level and logger has in common, with the origin's objects in it."""
        dataset = f"{self._origin.app}.{category}"
        return {
            **self._origin.static,
            "data_stream": {"type": "logs", "dataset": dataset, "namespace": self._origin.namespace},
            "log": {"level": LEVEL_NAMES[min(max(severity // 10 * 10, 10), 50)], "logger": cut(logger, MAX_KEY_CHARS)},
        }

    def draft(self, event: Collected, envelope: Document) -> Draft:
        """The document of *event*: its *envelope*, a copy of it; what `bind` joined; and what it says itself."""
        document: Document = {
            "event": {"severity": event.severity},
            **{name: {**inner} for name, inner in envelope.items()},
        }
        draft = Draft(document, self.max_values, self._max_chars)
        fields = event.fields
        self.context_slots(event.category).fill(draft, event.context)
        if Fault in map(type, fields.values()):
            draft.fail(next(value for value in fields.values() if type(value) is Fault))
        self.slots(event.category).fill(draft, fields)
        document["message"], action = self.said(event)
        if action:
            document["event"]["action"] = action
        if draft.omitted:
            draft.object("numeric_labels")[OMITTED] = draft.omitted
        return draft

    def said(self, event: Collected) -> tuple[str, str | None]:
        """The line for people, and the event's name if it has one."""
        name = event.event if type(event.event) is str else as_text(event.event)
        declared = self._contract.events.get(name)
        if declared is not None:
            return filled(declared.message or name, event.fields), name
        return name, name if " " not in name and len(name) <= MAX_KEY_CHARS and _is_a_name(name) else None

    def context_slots(self, category: str) -> Slots:
        """Where what `bind` joined goes, in events of *category*."""
        return self._slots_of(category, trusted=True)

    def slots(self, category: str) -> Slots:
        """Where what events of *category* say themselves goes."""
        return self._slots_of(category, trusted=category == "ledger")

    def _slots_of(self, category: str, *, trusted: bool) -> Slots:
        slots = self._slots.get((category, trusted))
        if slots is None:
            fields = self._contract.aliases[category if category in self._contract.by_name else "system"]
            ours = OURS.union(self._origin.static)
            slots = self._slots[category, trusted] = Slots(fields, ours, trusted=trusted)
        return slots


# --- where a value goes by its key -----------------------------------------------------------------------------------


def _nothing(_: Any) -> None:
    """What fits into a field that is ours."""


class Slot(NamedTuple):
    """What becomes of the values under one key; without *fill* they are labels, with *leaf* a field's."""

    label: str
    fill: Callable[[Draft, Slot, Any], None] | None = None
    path: tuple[str, ...] = ()
    leaf: str = ""
    fit: Callable[[Any], Any] = _nothing


class Slots(dict[str, Slot]):
    """The slots of one category, by key; found out when a key is seen first."""

    def __init__(self, fields: Mapping[str, Field], ours: frozenset[str], *, trusted: bool) -> None:
        super().__init__()
        self._fields = fields
        self._ours = ours
        self._trusted = trusted

    def fill(self, draft: Draft, values: Mapping[str, Any]) -> None:
        """Put each of *values* where it belongs in *draft*."""
        for key, value in values.items():
            if value is not None and value is not draft.fault:
                slot = self[key]
                if slot.fill is None:
                    draft.label(slot.label, value)
                else:
                    slot.fill(draft, slot, value)

    def __missing__(self, key: str) -> Slot:
        slot = self._slot(key)
        if len(self) < MAX_KEYS and len(key) <= MAX_KEY_CHARS:
            self[key] = slot
        return slot

    def _slot(self, key: str) -> Slot:
        field = self._fields.get(key)
        if key in USER_KEYS:
            return Slot(key, _fill_user)
        if key == OMITTED:
            return Slot(key, _count_omitted)
        if field is not None and field.type == "flattened":
            return Slot(as_key(key), _spread)
        if field is None or field.enriched or (field.trusted and not self._trusted):
            return Slot(as_key(key))
        *path, leaf = field.name.split(".")
        ours = field.name in self._ours or field.name.split(".")[0] in self._ours
        return Slot(as_key(key), _fill_field, tuple(path), leaf, _nothing if ours else FIT[field.type])


def _fill_field(draft: Draft, slot: Slot, value: Any) -> None:
    fitting = slot.fit(value)
    if type(fitting) is str and not draft.affords(fitting):
        draft.omitted += 1
    elif fitting is None or not draft.put(slot.path, slot.leaf, fitting):
        draft.misfits += 1
        draft.label(slot.label, value)


def _fill_user(draft: Draft, slot: Slot, value: Any) -> None:
    """Who acts is ``user.id``; a second user, whom the event is about, stays under the name that code gave."""
    text = as_text(value)
    if draft.user is None:
        draft.user = text
        draft.object("user")["id"] = text
    elif draft.user != text:
        draft.label(slot.label, text)


def _spread(draft: Draft, slot: Slot, value: Any) -> None:
    """``labels={"a": 1}``: the members are labels of their own."""
    if not isinstance(value, dict):
        draft.misfits += 1
        draft.label(slot.label, value)
        return
    for key, inner in value.items():
        draft.label(as_key(key), inner)


def _count_omitted(draft: Draft, slot: Slot, value: Any) -> None:
    if type(value) is int:
        draft.omitted += value
    else:
        draft.label(slot.label, value)


@lru_cache(MAX_KEYS)
def _is_a_name(text: str) -> bool:
    return "." in text and text.isprintable()
