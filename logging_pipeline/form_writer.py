"""
How a form is written: the function that gives the documents of events of one shape.

For ``order_id="A-17", total_cents=1999``, logged where a trace and a user are bound, it reads::

    def fill(severity, message, context, fields):
        context_0, context_1, = context.values()
        fields_0, fields_1, = fields.values()
        if not -LEAST_CARD < fields_1 < LEAST_CARD: return None
        return {
            "event": {"severity": severity}, "message": message, "trace": {"id": context_0},
            "user": {"hash": user_hash(context_1)}, "shop": {"order": {"id": fields_0, "total_cents": fields_1}}
        }, {message, fields_0} - clean_texts

So it gives the document as `enforce` and `mask` would, and the texts that are still to be searched for secrets. Where
that is not certain beforehand (a text for a number's field, an exception, a key that names a secret) there is no form;
where it is not for a value (a number that may be a card's) ``None`` is returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from logging_pipeline.contract.draft import USER_KEYS, below
from logging_pipeline.contract.field_values import FIT, as_key, as_text
from logging_pipeline.contract.plain import Fault
from logging_pipeline.journey.enforce import Enforcer, Slot, Slots
from logging_pipeline.journey.mask import LEAST_CARD, UNTOUCHED, WHOLE_ADDRESSES, Masker, shortened
from logging_pipeline.sensitive import in_pieces

__all__ = ["Form", "Kind", "Said", "Shape", "write_form"]

Document = dict[str, Any]

DATES = frozenset({str, datetime, date})
NUMBERS = frozenset({int, float})
SCALARS = NUMBERS | DATES | {bool, Decimal, UUID, timedelta, IPv4Address, IPv6Address}
"""Kinds that are no numbers are text among the labels, and all of them where a keyword is asked for."""

MAX_IN_LIST = 16  # a longer list goes the general way: it may be more than an event has room for

Kind: TypeAlias = "type | frozenset[type] | Said"
"""Of a value: its type; of a list: the types in it; of an object: what it says."""

Said: TypeAlias = tuple[tuple[str, ...], tuple[Kind, ...]]
"""What a mapping says, but for the values themselves: its keys, and their kinds."""

Shape = tuple[str, Said, Said]
"""What events have in common that one form is for: category, context and fields."""


class Form(NamedTuple):
    """
    The function, and how many values of each event it masks.

    The function takes severity, message, context and fields; it gives the document, and the texts in it that are to be
    searched.
    """

    fill: Callable[[int, str, Mapping[str, Any], Mapping[str, Any]], tuple[Document, set[str]] | None]
    masked: int


def write_form(shape: Shape, enforcer: Enforcer, masker: Masker) -> Form | None:
    """The form for events of *shape*; None: there can be none."""
    category, context, fields = shape
    writer = _Writer(category, enforcer, masker)
    taken = writer.take("context", enforcer.context_slots(category), *context) and writer.take(
        "fields", enforcer.slots(category), *fields
    )
    return writer.form() if taken else None


class _Writer:
    """One form, while it is written; its methods say whether a form can do what they were asked for."""

    def __init__(self, category: str, enforcer: Enforcer, masker: Masker) -> None:
        self._category = category
        self._enforcer = enforcer
        self._masker = masker
        self._envelope = enforcer.envelope(category, 0, "")
        self._document: Document = {"event": {"severity": "severity"}, "message": "message"}  # expressions
        self._searched = ["message"]
        self._labels = 0
        self._users = 0
        self._steps: list[str] = []

    def take(self, mapping: str, slots: Slots, keys: tuple[str, ...], kinds: tuple[Kind, ...]) -> bool:
        """The values of *mapping*, which are of these *kinds*."""
        return Fault not in kinds and all(
            self._value(slots[key], kind, name) for key, kind, name in self._unpacked(mapping, keys, kinds)
        )

    def form(self) -> Form | None:
        """What was taken, unless there is too much of it or a key is not harmless."""
        if self._labels > self._enforcer.max_values:
            return None
        shown = {name: inner for name, inner in self._document.items() if name not in UNTOUCHED}
        if not self._masker.are_harmless(set(_names(shown))):
            return None
        namespace: dict[str, Any] = {
            "LEAST_CARD": LEAST_CARD,
            "as_date": FIT["date"],
            "as_ip": FIT["ip"],
            "as_text": as_text,
            "clean_texts": self._masker.clean_texts,
            "numbers": _numbers,
            "shortened": shortened,
            "texts": _texts,
            "user_hash": self._masker.user_hash,
        }
        exec(self._source(), namespace)  # noqa: S102 - our own; the keys are in it as literals
        return Form(namespace["fill"], self._users)

    def _source(self) -> str:
        given = f"return {_display(self._document)}, {{{', '.join(self._searched)}}} - clean_texts"
        return "\n    ".join(["def fill(severity, message, context, fields):", *self._steps, given])

    def _unpacked(
        self, mapping: str, keys: tuple[str, ...], kinds: tuple[Kind, ...]
    ) -> Iterator[tuple[str, Kind, str]]:
        """Key, kind and variable of each value of *mapping* that is not None."""
        names = [f"{mapping}_{index}" for index in range(len(keys))]
        if names:
            self._steps.append(f"{', '.join(names)}, = {mapping}.values()")
        return (one for one in zip(keys, kinds, names, strict=True) if one[1] is not type(None))

    def _value(self, slot: Slot, kind: Kind, name: str) -> bool:
        if slot.label in USER_KEYS:
            return self._user(kind, name)
        if slot.leaf:
            return self._fit(slot, kind, name) and self._put(slot.path, slot.leaf, name)
        return slot.fill is None and self._label(slot.label, kind, name)

    def _label(self, key: str, kind: Kind, name: str) -> bool:
        if isinstance(kind, tuple):
            return all(
                self._label(below(key, as_key(inner_key)), inner, inner_name)
                for inner_key, inner, inner_name in self._unpacked(name, *kind)
            )
        if isinstance(kind, frozenset):
            return self._list(key, kind, name)
        self._labels += 1
        if kind in NUMBERS:
            return self._number(name) and self._put(("numeric_labels",), key, name)
        return self._text(kind, name) and self._put(("labels",), key, name)

    def _list(self, key: str, kinds: frozenset[type], name: str) -> bool:
        self._labels += MAX_IN_LIST
        if kinds == {str}:
            return self._text_if(f"texts({name})", name) and self._put(("labels",), key, name)
        if kinds and kinds <= NUMBERS:
            return self._text_if(f"numbers({name})", name) and self._put(("numeric_labels",), key, name)
        return False

    def _user(self, kind: Kind, name: str) -> bool:
        self._users += 1
        if self._users > 1 or kind not in (str, int):
            return False
        if kind is int:
            self._steps.append(f"{name} = as_text({name})")
        return not self._masker.hashes_users or self._put(("user",), "hash", f"user_hash({name})")

    def _fit(self, slot: Slot, kind: Kind, name: str) -> bool:
        if slot.path and slot.path[0] in UNTOUCHED:
            return slot.fit is FIT["keyword"] and kind is str
        if slot.fit is FIT["keyword"]:
            return self._text(kind, name)
        if slot.fit is FIT["long"]:
            return kind is int and self._number(name)
        if slot.fit is FIT["double"]:
            return kind in NUMBERS and self._number(name)
        if slot.fit is FIT["date"]:
            return kind in DATES and self._text_if(f"as_date({name})", name)
        if slot.fit is FIT["ip"] and kind is str:
            self._text_if(f"as_ip({name})", name)
            if (*slot.path, slot.leaf) == ("client", "ip"):
                self._steps += [f"{name} = shortened({name})"] * (self._category != WHOLE_ADDRESSES)
            return True
        return slot.fit is FIT["boolean"] and kind is bool

    def _text(self, kind: Kind, name: str) -> bool:
        self._searched.append(name)
        if kind is not str:
            self._steps.append(f"{name} = as_text({name})")
        return kind in SCALARS

    def _text_if(self, fitting: str, name: str) -> bool:
        self._searched.append(name)
        self._steps += (f"{name} = {fitting}", f"if {name} is None: return None")
        return True

    def _number(self, name: str) -> bool:
        self._steps.append(f"if not -LEAST_CARD < {name} < LEAST_CARD: return None")
        return True

    def _put(self, path: tuple[str, ...], leaf: str, expression: str) -> bool:
        place = self._document
        for step in path:
            place = place.setdefault(step, {})
            if type(place) is not dict:
                return False
        if leaf in place or (*path, leaf)[0] in self._envelope:
            return False
        place[leaf] = expression
        return True


def _texts(values: list[str]) -> str | tuple[str, ...] | None:
    """What stands under a label for *values*; None: they are too many, or a secret together."""
    if len(values) > MAX_IN_LIST or in_pieces(values):
        return None
    return tuple(values) if len(values) > 1 else values[0]


def _numbers(values: list[float]) -> float | tuple[float, ...] | None:
    """The same for numbers, of which none may be a card's."""
    if len(values) > MAX_IN_LIST or not all(-LEAST_CARD < value < LEAST_CARD for value in values):
        return None
    return tuple(values) if len(values) > 1 else values[0]


def _names(document: Document) -> Iterator[str]:
    for name, inner in document.items():
        yield name
        if type(inner) is dict:
            yield from _names(inner)


def _display(document: Document) -> str:
    shown = (f"{name!r}: {_display(i) if type(i) is dict else i}" for name, i in document.items())
    return f"{{{', '.join(shown)}}}"
