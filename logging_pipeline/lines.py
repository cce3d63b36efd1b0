"""
Stages 4 to 6 for one event after the other: what was collected becomes a line of JSON.

Events of one request share their context, and those of one logger their envelope: both are enforced, masked and encoded
once. What is left for each event is what it says itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from logging_pipeline.contract import Contract
from logging_pipeline.contract.parts import USER_KEYS, Part
from logging_pipeline.journey.collect import Collected
from logging_pipeline.journey.enforce import Enforcer, Origin
from logging_pipeline.journey.mask import Masker
from logging_pipeline.journey.pack import Piece, encode, join
from logging_pipeline.sensitive import MASK
from logging_pipeline.settings import Settings
from logging_pipeline.stderr import complain

__all__ = ["Lines"]

Document = dict[str, Any]

_NO_PIECE = Piece({})
MAX_SHARED = 512  # envelopes, and contexts, that are kept; a process is in the midst of fewer requests than that


class Lines:
    """
    Makes the lines of one producer's events; for one thread at a time.

    Args:
        settings: the limits of an event, and what is masked.
        origin: who the producer is.
    """

    def __init__(self, settings: Settings, origin: Origin) -> None:
        self._settings = settings
        self._origin = origin
        self._masker = Masker(
            hash_key=settings.hash_key, text_max_chars=settings.text_max_chars, extra_keys=settings.mask_keys
        )
        self._contract: Contract | None = None
        self.misfits = 0  # values that did not fit their field's type, in all lines so far
        self.masked = 0  # values that were masked

    def follow(self, contract: Contract) -> None:
        """From now on events are what *contract* promises; a project may register categories at any time."""
        if contract is not self._contract:
            self._contract = contract
            self._enforcer = Enforcer(
                self._origin,
                contract,
                max_values=self._settings.value_max_items,
                max_chars=self._settings.event_max_bytes,
            )
            self._core_keys = frozenset(
                [*USER_KEYS, *(key for field in contract.core for key in (field.name, field.alias))]
            )
            self._envelopes: dict[tuple[str, int, str], _Envelope] = {}
            self._contexts: dict[_ContextKey, _Context] = {}

    def lines(self, events: Sequence[Collected], created: str) -> list[bytes]:
        """
        The lines of *events*, packed at the time *created*.

        Never raises: their numbers are given, so something must arrive under each, and nothing unmasked.
        """
        try:
            return self._lines(events, created)
        except Exception as error:  # noqa: BLE001  # whatever it is, a note takes the place of the event that caused it
            if len(events) > 1:
                return [line for event in events for line in self.lines([event], created)]
            complain("enforce", f"{events[0].logger}: {error!r}")
            return [self._note(events[0], created, error)]

    def _lines(self, events: Sequence[Collected], created: str) -> list[bytes]:
        drafts: list[tuple[Collected, _Envelope, _Context, Part]] = []
        new: dict[_ContextKey, _Context] = {}
        for event in events:
            envelope, context = self._envelope(event), self._context(event, new)
            drafts.append((event, envelope, context, self._enforcer.event(event, envelope.document, context.part)))
        masked = self._masker.mask_all(
            [(part.document, event.category) for event, _, _, part in drafts]
            + [(context.part.document, context.category) for context in new.values()]
        )
        for context, count in zip(new.values(), masked[len(drafts) :], strict=True):
            context.masked, context.piece = count, Piece(context.part.document)
        self._remember(new)
        lines = []
        for (event, envelope, context, part), count in zip(drafts, masked, strict=False):
            shared = envelope.piece.members + context.piece.members
            if part.overlaps:
                shared = envelope.piece.beside(part.document) + context.piece.beside(part.document)
            lines.append(self._bounded(join(event, self._origin, created, shared, part.document)))
            self.misfits += context.part.misfits + part.misfits
            self.masked += context.masked + count
        return lines

    def _bounded(self, line: bytes) -> bytes:
        most = self._settings.event_max_bytes
        return line if len(line) <= most else encode(orjson.loads(line), most)

    def _note(self, event: Collected, created: str, error: Exception) -> bytes:
        note = event._replace(event=MASK, fields={"pipeline_error": type(error).__name__}, context={})
        envelope = self._enforcer.envelope(event.category, event.severity, event.logger)
        own = self._enforcer.event(note, envelope, self._enforcer.context({}, event.category))
        self.masked += 1
        return join(note, self._origin, created, Piece(envelope).members, own.document)

    def _envelope(self, event: Collected) -> _Envelope:
        key = event.category, event.severity, event.logger
        found = self._envelopes.get(key)
        if found is None:
            document = self._enforcer.envelope(*key)
            self._masker.mask(document, event.category)
            if len(self._envelopes) >= MAX_SHARED:
                self._envelopes.clear()
            found = self._envelopes[key] = _Envelope(document, Piece(document))
        return found

    def _context(self, event: Collected, new: dict[_ContextKey, _Context]) -> _Context:
        """The context of *event*; one that was not known is among the *new* ones, and neither masked nor encoded."""
        fields, category = event.context, event.category
        # Core fields are the same in every category; only in one do clients keep their whole address.
        common = category != "auth" and self._core_keys.issuperset(fields)
        key = "" if common else category, id(fields)
        found = self._contexts.get(key) or new.get(key)
        if found is None or found.fields is not fields:
            found = new[key] = _Context(fields, category, self._enforcer.context(fields, category))
        return found

    def _remember(self, new: dict[_ContextKey, _Context]) -> None:
        if len(self._contexts) >= MAX_SHARED:
            self._contexts.clear()
        self._contexts.update(new)


class _Envelope(NamedTuple):
    document: Document
    piece: Piece


_ContextKey = tuple[str, int]


@dataclass(slots=True)
class _Context:
    """One mapping that events were logged in; held here, so that no other has its identity."""

    fields: Mapping[str, Any]
    category: str
    part: Part
    masked: int = 0
    piece: Piece = _NO_PIECE
