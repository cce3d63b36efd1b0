"""
Forms: the short way of events like those that came before.

Code logs the same keys, with values of the same kinds, again and again. When such events have come a few times, what
becomes of them is found out once (`form_writer`); from then on a function does it. Where that does not hold for a
value, the event goes the general way, which alone decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from logging_pipeline.contract.field_values import MAX_KEY_CHARS
from logging_pipeline.form_writer import Form, Kind, Said, Shape, write_form
from logging_pipeline.journey.collect import Collected
from logging_pipeline.journey.enforce import Enforcer
from logging_pipeline.journey.mask import Masker

__all__ = ["Filled", "Forms"]

SEEN_BEFORE = 20  # times; keys that are made up as one goes must not cost the making of a form each
MAX_FORMS = 1_024
MAX_VALUES = 64  # of a form


class Filled(NamedTuple):
    """
    What a form gives.

    Args:
        document: enforced and masked, provided that the texts have nothing to hide; without the envelope.
        texts: those that nobody has searched yet.
        masked: how many values were masked.
    """

    document: dict[str, Any]
    texts: set[str]
    masked: int


class Forms:
    """The forms of one producer's events."""

    def __init__(self, enforcer: Enforcer, masker: Masker) -> None:
        self._enforcer = enforcer
        self._masker = masker
        self._forms: dict[Shape, Form | None] = {}
        self._seen: Counter[int] = Counter()  # by hash: some shapes are long
        self._context: Mapping[str, Any] = {}
        self._bound: Said = (), ()

    def filled(self, event: Collected) -> Filled | None:
        """The document of *event*; None: there is no form for it, or it does not hold for these values."""
        context, fields = event.context, event.fields
        if context is not self._context:  # events of one request come one after the other
            self._context = context
            self._bound = _said(context)
        shape = event.category, self._bound, _said(fields)
        form = self._forms.get(shape, _NEW)
        if form is _NEW:
            form = self._meet(shape)
        if form is None:
            return None
        message, action = self._enforcer.said(event)
        found = form.fill(event.severity, message, context, fields)
        if found is None:
            return None
        document, texts = found
        if action is not None:
            document["event"]["action"] = action
            if action not in self._masker.clean_texts:
                texts.add(action)
        return Filled(document, texts, form.masked)

    def _meet(self, shape: Shape) -> Form | None:
        if len(self._seen) >= 8 * MAX_FORMS:
            self._seen.clear()
        self._seen[hash(shape)] += 1
        if self._seen[hash(shape)] <= SEEN_BEFORE:
            return None
        keys = [key for said in shape[1:] for key in _keys(said)]
        if len(keys) > MAX_VALUES or any(len(key) > MAX_KEY_CHARS for key in keys):
            return None
        if len(self._forms) >= MAX_FORMS:
            self._forms.clear()
            self._seen.clear()
        self._forms[shape] = write_form(shape, self._enforcer, self._masker)
        return self._forms[shape]


def _said(values: Mapping[str, Any]) -> Said:
    kinds: tuple[Kind, ...] = tuple(map(type, values.values()))
    if dict in kinds or list in kinds:
        kinds = tuple(map(_kind, values.values()))
    return tuple(values), kinds


def _kind(value: Any) -> Kind:
    kind = type(value)
    if kind is dict:
        return _said(value)
    return frozenset(map(type, value)) if kind is list else kind


def _keys(said: Said) -> Iterator[str]:
    keys, kinds = said
    yield from keys
    for kind in kinds:
        if isinstance(kind, tuple):
            yield from _keys(kind)


_NEW = Form(lambda *_: None, 0)
