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
from typing import Any, NamedTuple

from logging_pipeline.contract import Contract, Field
from logging_pipeline.contract.field_values import FIT, MAX_KEY_CHARS, as_key, as_number, as_text
from logging_pipeline.contract.messages import filled
from logging_pipeline.contract.plain import OMITTED, Fault
from logging_pipeline.contract.stack_traces import grouping_key, stack_trace
from logging_pipeline.journey.collect import Collected
from logging_pipeline.sensitive import cut

__all__ = ["ECS_VERSION", "Enforcer", "Origin", "Part"]

ECS_VERSION = "9.2.0"
LEVEL_NAMES = {10: "debug", 20: "info", 30: "warning", 40: "error", 50: "critical"}
MAX_KEYS = 4_096  # remembered in each category; names that are made up as one goes have no end
USER_KEYS = ("user.id", "user_id")
"""What names a user becomes ``user.id``, which `mask` replaces by ``user.hash``."""

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
        self._slots: dict[tuple[str, bool], _Slots] = {}

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
        part.take(fields, self._slots_of(category, trusted=True))
        return part

    def event(self, event: Collected, envelope: Document, context: Part) -> Part:
        """
        What *event* itself says.

        Where it has more to say in an object of the other parts, its part has a copy of that, which takes its place.
        """
        part = Part((envelope, context.document), context.values_left, context.chars_left, context.user)
        part.document["event"] = {"severity": event.severity}
        if Fault in map(type, event.fields.values()):
            part.fail(next(value for value in event.fields.values() if type(value) is Fault))
        part.take(event.fields, self._slots_of(event.category, trusted=event.category == "ledger"))
        self._message(part, event)
        if part.omitted or context.omitted:
            part.object("numeric_labels")[OMITTED] = part.omitted + context.omitted
        return part

    def _message(self, part: Part, event: Collected) -> None:
        name = event.event if type(event.event) is str else as_text(event.event)
        declared = self._contract.events.get(name)
        if declared is not None:
            part.put(("event",), "action", name)
            part.document["message"] = filled(declared.message or name, event.fields)
        else:
            if _looks_like_a_name(name):
                part.put(("event",), "action", name)
            part.document["message"] = name

    def _slots_of(self, category: str, *, trusted: bool) -> _Slots:
        slots = self._slots.get((category, trusted))
        if slots is None:
            fields = self._contract.aliases[category if category in self._contract.by_name else "system"]
            slots = self._slots[category, trusted] = _Slots(fields, OURS.union(self._origin.static), trusted=trusted)
        return slots


class Part:
    """
    One part of a document, while it is filled in and afterwards.

    Args:
        shared: the parts that it will stand beside.
        values_left: further values for which its labels have room.
        chars_left: further characters of text for which it has room.
        user: who acts, as far as the other parts say.
    """

    __slots__ = ("_fault", "_shared", "chars_left", "document", "misfits", "omitted", "user", "values_left")

    def __init__(
        self, shared: tuple[Document, ...], values_left: int, chars_left: int, user: str | None = None
    ) -> None:
        self._shared = shared
        self._fault: Fault | None = None
        self.values_left = values_left
        self.chars_left = chars_left
        self.user = user
        self.omitted = 0
        self.misfits = 0
        self.document: Document = {}

    def take(self, values: Mapping[str, Any], slots: _Slots) -> None:
        """Put each of *values* into its slot."""
        for key, value in values.items():
            if value is not None and value is not self._fault:
                slot = slots[key]
                slot.fill(self, slot, value)

    def fail(self, fault: Fault) -> None:
        """*fault* is the event's error, whatever else is called so."""
        self._fault = fault
        for name, value in self.object("error").items():
            self.label(f"error.{name}", value)
        self.document["error"] = {
            "type": fault.type,
            "message": fault.message,
            "stack_trace": stack_trace(fault),
            "grouping_key": grouping_key(fault),
        }

    def put(self, path: tuple[str, ...], leaf: str, value: Any) -> bool:
        """Set *leaf* in the object at *path*; not when it is there already: the first who says something is right."""
        place = self.object(path[0]) if path else self.document
        for name in path[1:]:
            place = place.setdefault(name, {})
        if leaf in place or (not path and any(leaf in shared for shared in self._shared)):
            return False
        place[leaf] = value
        return True

    def object(self, name: str) -> dict[str, Any]:
        """The top-level object *name*: a copy of the other parts' at first."""
        found: dict[str, Any] | None = self.document.get(name)
        if found is None:
            found = self.document[name] = {}
            for shared in self._shared:
                if name in shared:
                    found.update(_copy(shared[name]))
        return found

    def label(self, key: str, value: Any) -> None:
        """
        Put every scalar in *value* among the labels, under its dotted key.

        The members of a plain list share one key.
        """
        if isinstance(value, dict):
            for inner_key, inner in value.items():
                self.label(_below(key, as_key(inner_key)), inner)
        elif type(value) is list:
            for index, inner in enumerate(value):
                nested = isinstance(inner, (dict, list))
                self.label(_below(key, str(index)) if nested else key, inner)
        elif value is not None:
            self._label(key, value)

    def affords(self, text: str) -> bool:
        """Whether there is room for more text; the last one may be longer than the room, so that none is cut here."""
        if self.chars_left <= 0:
            return False
        self.chars_left -= len(text)
        return True

    def _label(self, key: str, scalar: Any) -> None:
        number = type(scalar) in (int, float) and as_number(scalar) is not None and not key.endswith(USER_KEYS)
        entry = scalar if number else as_text(scalar)
        if self.values_left <= 0 or not (number or self.affords(entry)):
            self.omitted += 1
            return
        self.values_left -= 1
        labels = self.object("numeric_labels" if number else "labels")
        there = labels.get(key)
        if there is None:
            labels[key] = entry
        elif type(there) is list:
            there.append(entry)
        else:
            labels[key] = [there, entry]


# --- where a value goes by its key -----------------------------------------------------------------------------------


class _Slot(NamedTuple):
    """What becomes of the values under one key."""

    fill: Callable[[Part, _Slot, Any], None]
    label: str
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

    def __missing__(self, key: str) -> _Slot:
        slot = self._slot(key)
        if len(self) < MAX_KEYS and len(key) <= MAX_KEY_CHARS:
            self[key] = slot
        return slot

    def _slot(self, key: str) -> _Slot:
        field = self._fields.get(key)
        if key in USER_KEYS:
            return _Slot(_fill_user, key)
        if key == OMITTED:
            return _Slot(_count_omitted, key)
        if field is not None and field.type == "flattened":
            return _Slot(_spread, as_key(key))
        if field is None or field.enriched or (field.trusted and not self._trusted):
            return _Slot(_fill_label, as_key(key))
        *path, leaf = field.name.split(".")
        ours = field.name in self._ours or field.name.split(".")[0] in self._ours
        return _Slot(
            _fill_field, as_key(key), tuple(path), leaf, _Slot._field_defaults["fit"] if ours else FIT[field.type]
        )


def _fill_label(part: Part, slot: _Slot, value: Any) -> None:
    part.label(slot.label, value)


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


def _looks_like_a_name(text: str) -> bool:
    return len(text) <= MAX_KEY_CHARS and " " not in text and "." in text and text.isprintable()


def _below(key: str, inner: str) -> str:
    """Where the path would be too long, *key* stands for all that is below it."""
    path = f"{key}.{inner}"
    return path if len(path) <= 4 * MAX_KEY_CHARS else key


def _copy(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _copy(value) if type(value) is dict else list(value) if type(value) is list else value
        for key, value in values.items()
    }
