"""
Stage 12 of 12: bulk ``create`` into the data streams, reading every item's result.

Runs in the consumer (a real Logstash does it itself). What Elasticsearch is too busy for is sent again; what it refuses
becomes a dead letter; an id that is taken is compared with the event stored under it. Nothing falls between: every
event given comes out in exactly one count, or the whole call fails and may be made again.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from logging_pipeline.contract import contract
from logging_pipeline.errors import StoreUnavailable
from logging_pipeline.indexes.ask import Refused
from logging_pipeline.indexes.bulk import Action, Item, Patience, Requests, send
from logging_pipeline.indexes.dead_letters import Refusal, content, letter

__all__ = ["Action", "Outcome", "Written", "write"]

COMPARE_AT_ONCE = 500  # events fetched in one request
MIN_CUT_BYTES = 1_000  # a dead letter of this size is refused for another reason than its size

Outcome = Literal["indexed", "duplicate", "unverified", "conflict", "refused"]


@dataclass(slots=True)
class Written:
    """
    What became of the events: (data stream, outcome) → how many.

    * ``indexed``: stored now.
    * ``duplicate``: the same event was there already.
    * ``unverified``: an event with this id was, but the user may not read it (or it has just expired).
    * ``conflict``: another event has this id; this one is a dead letter now.
    * ``refused``: Elasticsearch does not take it; a dead letter now.

    ``waits`` counts the pauses before attempts that were made again.
    """

    counts: Counter[tuple[str, Outcome]] = field(default_factory=Counter)
    waits: int = 0

    def total(self, *outcomes: Outcome) -> int:
        """Events with one of *outcomes*, over all data streams; without any, all events."""
        return sum(count for (_, found), count in self.counts.items() if not outcomes or found in outcomes)

    @property
    def indexed(self) -> int:
        """Stored now."""
        return self.total("indexed")

    @property
    def duplicates(self) -> int:
        """There already, compared or not."""
        return self.total("duplicate", "unverified")

    @property
    def dead_lettered(self) -> int:
        """Dead letters now, conflicts among them."""
        return self.total("conflict", "refused")


def write(
    actions: Sequence[Action],
    *,
    store: Requests,
    dead_letters: str,
    stop: threading.Event | None = None,
    deadline_s: float | None = None,
    redelivered: bool = False,
    ignore: frozenset[str] | None = None,
) -> Written:
    """
    Store *actions*; return when each is indexed, found to be there already, or a dead letter.

    Args:
        actions: at most some thousand; they are cut into requests of 5 MB.
        store: usually `logging_pipeline.indexes.Store`.
        dead_letters: the data stream for what is refused.
        stop: when set, no further attempt is made.
        deadline_s: give up after so many seconds of a store that is away or too busy; None: never.
        redelivered: the events may have been written before a rollover, where ``create`` does not see them: look first.
        ignore: dotted fields that may differ between copies of one event; None: those that the pipelines set.

    Raises:
        StoreUnavailable: stopped, given up, or a dead letter could not be written. Acknowledge nothing and write the
            whole again; what is stored by then comes out as ``duplicate``.
        ConfigurationError: the user or the password is wrong.
    """
    work = _Work(store, Patience(stop, deadline_s), _set_by_pipelines() if ignore is None else ignore)
    if redelivered:
        actions = work.without_stored(actions)
    work.store_all(actions)
    work.bury(dead_letters)
    work.written.waits = work.patience.waits
    return work.written


def _set_by_pipelines() -> frozenset[str]:
    return frozenset(f.name for f in contract().fields.values() if f.enriched) | {"tags", "@version"}


@dataclass(slots=True)
class _Work:
    """One call's state: what is counted, and what is to become a dead letter."""

    store: Requests
    patience: Patience
    ignore: frozenset[str]
    written: Written = field(default_factory=Written)
    refusals: list[Refusal] = field(default_factory=list)

    def store_all(self, actions: Sequence[Action]) -> None:
        """Send, and count by answer."""
        taken: list[Action] = []
        places: list[tuple[str, str]] = []
        # Without an answer they may have been written, and by now before a rollover.
        for action, item in send(actions, self.store, self.patience, unanswered=self.without_stored):
            status = item["status"]
            if status < 300:
                self.written.counts[action.stream, "indexed"] += 1
            elif status == 409:
                taken.append(action)
                places.append((item["error"]["index"], action.id))
            else:
                self._refuse(action, "refused", _REASONS.get(status, "refused"), item)
        for action, outcome in self._compared(taken, places):
            self._count_stored(action, outcome or "unverified")

    def without_stored(self, actions: Sequence[Action]) -> Sequence[Action]:
        """Count those that an older backing index holds; return the others."""
        for stream in {action.stream for action in actions}:
            for index in self.patience.insist(lambda stream=stream: self.store.older_indices(stream)):  # type: ignore[misc]
                elsewhere = [action for action in actions if action.stream != stream]
                here = [action for action in actions if action.stream == stream]
                for action, outcome in self._compared(here, [(index, action.id) for action in here]):
                    if outcome is None:
                        elsewhere.append(action)
                    else:
                        self._count_stored(action, outcome)
                actions = elsewhere
        return actions

    def bury(self, dead_letters: str) -> None:
        """Write the dead letters; one that is too large for any request loses the end of its original."""
        pending, max_bytes = self.refusals, None
        while pending:
            letters = {}
            for refusal in pending:
                action = letter(refusal, dead_letters, self.ignore, max_bytes)
                letters[action.id] = (action, refusal)
            pending = []
            for action, item in send([action for action, _ in letters.values()], self.store, self.patience):
                if item["status"] == 413 and (max_bytes is None or max_bytes > MIN_CUT_BYTES):
                    pending.append(letters[action.id][1])
                elif item["status"] >= 300 and item["status"] != 409:  # 409: written in an earlier attempt
                    raise StoreUnavailable(_unburied(dead_letters, item), retryable=False)
            if pending:
                max_bytes = (max_bytes or max(len(refusal.action.body) for refusal in pending)) // 2

    def _compared(
        self, actions: Sequence[Action], places: Sequence[tuple[str, str]]
    ) -> Iterator[tuple[Action, Outcome | None]]:
        """Each action with what the event at its place makes of it; None: nothing there, or not to be read."""
        for start in range(0, len(actions), COMPARE_AT_ONCE):
            some = slice(start, start + COMPARE_AT_ONCE)
            for action, stored in zip(actions[some], self._fetch(places[some]), strict=True):
                if stored is None:
                    yield action, None
                else:
                    same = content(stored, self.ignore) == content(action.body, self.ignore)
                    yield action, "duplicate" if same else "conflict"

    def _fetch(self, places: Sequence[tuple[str, str]]) -> Sequence[Item | None]:
        try:
            return self.patience.insist(lambda: self.store.get(places))
        except Refused as refused:
            if refused.status != 403:
                raise
            return [None] * len(places)

    def _count_stored(self, action: Action, outcome: Outcome) -> None:
        if outcome == "conflict":
            error = {"type": "id_conflict", "reason": "another event is stored under this id"}
            self._refuse(action, outcome, "id_conflict", {"status": 409, "error": error})
        else:
            self.written.counts[action.stream, outcome] += 1

    def _refuse(self, action: Action, outcome: Outcome, reason: str, item: Item) -> None:
        self.written.counts[action.stream, outcome] += 1
        self.refusals.append(Refusal(action, reason, item))


_REASONS = {403: "forbidden", 404: "no_stream", 413: "too_large"}


def _unburied(dead_letters: str, item: Item) -> str:
    error = item.get("error", {})
    why = f"{error.get('type')}: {str(error.get('reason'))[:300]}"
    return f"{dead_letters} does not take dead letters ({why}). Has `logpipe setup` been run?"
