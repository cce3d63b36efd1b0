"""
Stages 4 to 6 for one event after the other: what was collected becomes a line of JSON.

The stages themselves are the general way, on which any event can go. Code logs the same keys with values of the same
kinds again and again, though; for those there is a form, which gives the same line for a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from logging_pipeline.contract import Contract
from logging_pipeline.forms import Filled, Forms
from logging_pipeline.journey.collect import Collected
from logging_pipeline.journey.enforce import Enforcer, Origin
from logging_pipeline.journey.mask import Masker
from logging_pipeline.journey.pack import encode, join, members
from logging_pipeline.sensitive import MASK
from logging_pipeline.settings import Settings
from logging_pipeline.stderr import complain

__all__ = ["Lines"]

Document = dict[str, Any]

MAX_ENVELOPES = 512  # that are kept; loggers whose names are made up as one goes have no end


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
        # A line of this length has no text that would be cut, nor more of it than an event may have.
        self._form_max_bytes = min(settings.text_max_chars, settings.event_max_bytes)
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
            self._forms = Forms(self._enforcer, self._masker)
            self._envelopes: dict[tuple[str, int, str], _Envelope] = {}

    def lines(self, events: Sequence[Collected], created: str) -> list[bytes]:
        """
        The lines of *events*, packed at the time *created*.

        Never raises: their numbers are given, so something must arrive under each, and nothing unmasked.
        """
        before = self.misfits, self.masked
        try:
            return self._lines(events, created)
        except Exception:  # noqa: BLE001  # whatever it is, it must cost no other event than the one that caused it
            self.misfits, self.masked = before
            return [self._alone(event, created) for event in events]

    def _lines(self, events: Sequence[Collected], created: str) -> list[bytes]:
        filled = [self._forms.filled(event) for event in events]
        texts = {text for form in filled if form is not None for text in form.texts}
        clean = not texts or self._masker.are_clean(texts)
        lines = []
        for event, form in zip(events, filled, strict=True):
            line = None
            if form is not None and (clean or self._masker.are_clean(form.texts)):
                line = self._by_form(event, form, created)
            lines.append(line or self._in_general(event, created))
        return lines

    def _by_form(self, event: Collected, form: Filled, created: str) -> bytes | None:
        """None: it is too long for that."""
        shared = self._envelope(event).members
        line = join(event, self._origin, created, form.document, shared)
        if len(line) > self._form_max_bytes:
            return None
        self.masked += form.masked
        return line

    def _in_general(self, event: Collected, created: str) -> bytes:
        draft = self._enforcer.draft(event, self._envelope(event).document)
        masked = self._masker.mask(draft.document, event.category)
        line = join(event, self._origin, created, draft.document)
        self.misfits += draft.misfits
        self.masked += masked
        most = self._settings.event_max_bytes
        return line if len(line) <= most else encode(orjson.loads(line), most)

    def _alone(self, event: Collected, created: str) -> bytes:
        try:
            return self._in_general(event, created)
        except Exception as error:  # noqa: BLE001  # a note takes the event's place
            complain("enforce", f"{event.logger}: {error!r}")
            return self._note(event, created, error)

    def _note(self, event: Collected, created: str, error: Exception) -> bytes:
        note = event._replace(
            event=MASK, logger=str(event.logger), fields={"pipeline_error": type(error).__name__}, context={}
        )
        draft = self._enforcer.draft(note, self._enforcer.envelope(note.category, note.severity, note.logger))
        self.masked += 1
        return join(note, self._origin, created, draft.document)

    def _envelope(self, event: Collected) -> _Envelope:
        key = event.category, event.severity, event.logger
        found = self._envelopes.get(key)
        if found is None:
            document = self._enforcer.envelope(*key)
            self._masker.mask(document, event.category)
            if len(self._envelopes) >= MAX_ENVELOPES:
                self._envelopes.clear()
            found = self._envelopes[key] = _Envelope(document, members(document))
        return found


class _Envelope(NamedTuple):
    document: Document
    members: bytes
