"""Bulk requests that are made until every action has an answer which would not change by asking again."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

import orjson

from logging_pipeline.errors import StoreUnavailable
from logging_pipeline.indexes.ask import Refused

__all__ = ["Action", "Item", "Patience", "Requests", "send"]

MAX_BODY_BYTES = 5_000_000  # larger requests gain nothing and hold more of the server's memory
BACKOFF_FIRST_S = 0.1
BACKOFF_CAP_S = 10.0  # longer would hide that Elasticsearch is back

Item = dict[str, Any]
T = TypeVar("T")


class Action(NamedTuple):
    """One event for the index: data stream, document id, the event as one line of JSON, ``create`` or ``index``."""

    stream: str
    id: str
    body: bytes
    action: str = "create"


class Requests(Protocol):
    """The requests that are made; `logging_pipeline.indexes.Store` makes them for real and documents them."""

    def bulk(self, body: bytes) -> list[Item]: ...
    def get(self, places: Sequence[tuple[str, str]]) -> list[Item | None]: ...
    def older_indices(self, stream: str) -> list[str]: ...


class Patience:
    """
    Waits between attempts, longer each time and never in step with other consumers, as long as there is time.

    Args:
        stop: when set, no further attempt is made.
        deadline_s: give up after so many seconds; None: never.
    """

    def __init__(self, stop: threading.Event | None = None, deadline_s: float | None = None) -> None:
        self.waits = 0
        self._stop = stop or threading.Event()
        self._deadline = None if deadline_s is None else time.monotonic() + deadline_s
        self._in_a_row = 0

    def insist(self, request: Callable[[], T]) -> T:
        """
        The answer to *request*, which is made again while the store is away or too busy.

        Raises:
            StoreUnavailable: stopped, out of time, or refused for a reason that stays.
        """
        while True:
            try:
                return request()
            except StoreUnavailable as unavailable:
                if not unavailable.retryable:
                    raise
                self.wait(str(unavailable))

    def wait(self, cause: str) -> None:
        """Wait before another attempt; *cause* is told when there is to be none."""
        spread = random.uniform(0.5, 1)  # noqa: S311  # no secret
        delay_s = spread * min(BACKOFF_CAP_S, BACKOFF_FIRST_S * 2 ** min(self._in_a_row, 10))
        self.waits += 1
        self._in_a_row += 1
        if self._deadline is not None and time.monotonic() + delay_s > self._deadline:
            raise StoreUnavailable(f"gave up, attempt {self._in_a_row} in a row failed: {cause}")
        if self._stop.wait(delay_s):
            raise StoreUnavailable(f"told to stop, attempt {self._in_a_row} in a row failed: {cause}")

    def succeeded(self) -> None:
        """The next wait is short again."""
        self._in_a_row = 0


def send(
    actions: Sequence[Action],
    store: Requests,
    patience: Patience,
    unanswered: Callable[[Sequence[Action]], Sequence[Action]] = lambda group: group,
) -> Iterator[tuple[Action, Item]]:
    """
    Each of *actions* with its last answer, in no particular order.

    429, 5xx and a blocked index are asked again, for the events concerned alone. A request that is refused as a whole,
    too large or malformed by one of its events, is halved until that one stands alone.

    Args:
        unanswered: given a request's actions when nobody knows what became of them; returns those to be sent again.

    Raises:
        StoreUnavailable: stopped, out of time, or refused for a reason that no event is the cause of.
    """
    groups = list(_chunks(actions))[::-1]
    while groups:
        group = groups.pop()
        try:
            items = store.bulk(_body(group))
        except StoreUnavailable as problem:
            if problem.retryable:
                patience.wait(str(problem))
                is_answer = isinstance(problem, Refused) and problem.status == 429
                groups += filter(None, [group if is_answer else unanswered(group)])
            elif not isinstance(problem, Refused) or problem.status not in (400, 413):
                raise
            elif len(group) == 1:
                yield group[0], {"status": problem.status, "error": {"type": problem.kind, "reason": str(problem)}}
            else:
                middle = len(group) // 2
                groups += [group[middle:], group[:middle]]
            continue
        busy = []
        for action, item in zip(group, items, strict=True):
            if item["status"] < 300 or not _may_succeed_later(item):
                yield action, item
            else:
                busy.append(action)
                error = item.get("error", {})
        if busy:
            patience.wait(f"{len(busy)} of {len(group)} events refused for now: {error.get('reason', error)}")
            groups.append(busy)
        else:
            patience.succeeded()


def _chunks(actions: Sequence[Action]) -> Iterator[Sequence[Action]]:
    first, size = 0, 0
    for position, action in enumerate(actions):
        length = len(action.body) + 150  # the line before it
        if size and size + length > MAX_BODY_BYTES:
            yield actions[first:position]
            first, size = position, 0
        size += length
    if size:
        yield actions[first:]


def _body(actions: Iterable[Action]) -> bytes:
    lines: list[bytes] = []
    for stream, event_id, body, action in actions:
        lines.append(orjson.dumps({action: {"_index": stream, "_id": event_id}}))
        # A line break in JSON text is only ever space between tokens; here it would end the event.
        lines.append(body.replace(b"\n", b" ") if b"\n" in body else body)
    lines.append(b"")
    return b"\n".join(lines)


def _may_succeed_later(item: Item) -> bool:
    status: int = item["status"]
    return status == 429 or status >= 500 or bool(item.get("error", {}).get("type") == "cluster_block_exception")
