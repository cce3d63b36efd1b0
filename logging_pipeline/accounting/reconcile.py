"""
Accounts for every event: numbered = indexed + discarded + dead-lettered + dropped + in flight + lost.

It reads in the direction of the journey, what was numbered first and what is stored last, so that an event which moves
on meanwhile is found. What is missing then is looked for again before it is called lost. Findings are kept in a file of
the state folder: what was indexed once stays accounted for when retention has deleted it.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import redis

from logging_pipeline import ranges
from logging_pipeline.accounting.account import Account, Key
from logging_pipeline.accounting.on_the_way import given_here, in_redis, in_spool
from logging_pipeline.accounting.stored import ledger_entries, producers_since, stored_numbers
from logging_pipeline.contract import Contract
from logging_pipeline.high_water import HighWater
from logging_pipeline.indexes import DEAD_LETTER, DISCARDED, stream_name
from logging_pipeline.settings import Settings

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["Reconciliation", "reconcile"]

FORGED = {"term": {"dead_letter.reason": "id_conflict"}}
PASSES = 3
MAX_ENTRIES = 200  # events of one run; the sum tells of everybody
PAUSE_S = 2.0  # longer than the refresh interval of the data streams, or what was just written is not seen


@dataclass
class Reconciliation:
    """Every producer's accounts."""

    accounts: dict[Key, Account] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing doubled, nothing forged, nothing unknown."""
        return all(account.clean for account in self.accounts.values())

    def rows(self) -> list[dict[str, Any]]:
        """One row for each producer and category."""
        return [
            {"producer": producer, "category": category, **account.counts()}
            for (producer, category), account in sorted(self.accounts.items())
        ]

    def totals(self) -> dict[str, int]:
        """The rows' sum by column."""
        sums: dict[str, int] = defaultdict(int)
        for row in self.rows():
            for name, value in row.items():
                if isinstance(value, int):
                    sums[name] += value
        return dict(sums)

    def entries(self) -> list[tuple[str, dict[str, Any]]]:
        """The result as ledger events: each account that is not clean, then the sum."""
        told = [
            (
                "ledger.unaccounted",
                {**_fields(row), "ledger.producer": row["producer"], "ledger.category": row["category"]},
            )
            for row in self.rows()
            if not self.accounts[row["producer"], row["category"]].clean
        ]
        totals = {**_fields(self.totals()), "ledger.producers": len({producer for producer, _ in self.accounts})}
        return [*told[:MAX_ENTRIES], ("ledger.reconciled", {**totals, "ledger.clean": self.clean})]


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    counts = {f"ledger.{name}": int(row.get(name, 0)) for name in _COUNTS}
    counts["ledger.dropped"] = sum(int(value) for name, value in row.items() if name.startswith("dropped("))
    ranges_lost = row.get("lost_numbers")
    return {**counts, "ledger.ranges": ranges_lost} if ranges_lost else counts


_COUNTS = ("numbered", "indexed", "discarded", "dead_lettered", "in_flight", "lost", "duplicates", "forged", "unknown")


def reconcile(
    settings: Settings,
    contract: Contract,
    *,
    elasticsearch: Elasticsearch,
    redis_client: redis.Redis,
    since: datetime | None = None,
    keep: bool = True,
    sleep: Callable[[float], None] = time.sleep,
) -> Reconciliation:
    """
    Look everywhere for every number.

    Args:
        since: only of producers that logged something since then, from their first number on; None: of all.
        keep: remember what was found, and tidy up after producers that are gone. False for who only looks: two that
            keep at the same time would lose what the other has found.
        elasticsearch: with the user `logging_pipeline.indexes.roles.READER`.
        redis_client: of the logs' database.

    Raises:
        StoreUnavailable: Elasticsearch did not answer: nothing can be said.
        redis.RedisError: Redis did not answer: nothing can be said.
    """
    memory = settings.state_dir / "reconcile.json"
    remembered = _remembered(memory)
    for attempt in range(PASSES):
        found = _look(settings, contract, elasticsearch, redis_client, remembered, since)
        if attempt == PASSES - 1 or not any(a.missing or a.unknown for a in found.accounts.values()):
            break
        sleep(PAUSE_S)
    if keep:
        _remember(memory, found)
        _tidy(settings)
    return found


def _look(
    settings: Settings,
    contract: Contract,
    elasticsearch: Elasticsearch,
    redis_client: redis.Redis,
    remembered: dict[Key, Account],
    since: datetime | None,
) -> Reconciliation:
    accounts: dict[Key, Account] = defaultdict(Account)
    pattern = stream_name(settings, "*")
    producers = None if since is None else producers_since(elasticsearch, pattern, since)
    for key, former in remembered.items():
        accounts[key].numbered = former.numbered
        accounts[key].tail_known = former.tail_known
    for producer, (alive, numbers) in given_here(settings).items():
        for category, number in numbers.items():
            account = accounts[producer, category]
            account.numbered, account.tail_known, account.alive = max(account.numbered, number), True, alive
    for key, found in in_spool(settings).items():
        accounts[key].in_flight = found
    for key, found in in_redis(redis_client, settings.queue).items():
        accounts[key].in_flight = ranges.merge(accounts[key].in_flight, found)
    if producers is not None:
        producers |= _busy(accounts)
        accounts = defaultdict(Account, {key: a for key, a in accounts.items() if key[0] in producers})
    _look_in_store(settings, contract, elasticsearch, accounts, producers)
    for key, account in accounts.items():
        _join(account, remembered.get(key))
    return Reconciliation(dict(accounts))


def _busy(accounts: dict[Key, Account]) -> set[str]:
    """Producers that run, or of which something is on its way."""
    return {producer for (producer, _), account in accounts.items() if account.alive or account.in_flight}


def _look_in_store(
    settings: Settings,
    contract: Contract,
    elasticsearch: Elasticsearch,
    accounts: dict[Key, Account],
    producers: Collection[str] | None,
) -> None:
    ledger = ledger_entries(elasticsearch, stream_name(settings, "ledger"), producers=producers)
    finals = {producer for (producer, _), entry in ledger.items() if entry.final}
    for key, entry in ledger.items():
        account = accounts[key]
        account.numbered = max(account.numbered, entry.numbered)
        account.tail_known = account.tail_known or entry.final
        account.dropped = dict(entry.dropped)
    for category in contract.by_name:
        found = stored_numbers(elasticsearch, stream_name(settings, category), category, producers=producers)
        for key, (numbers, twice) in found.items():
            accounts[key].indexed, accounts[key].duplicates = numbers, twice
            # The ledger tells of every category but its own, which ends with its final entries.
            accounts[key].tail_known = accounts[key].tail_known or (category == "ledger" and key[0] in finals)
    for key, (numbers, _) in stored_numbers(
        elasticsearch, stream_name(settings, DISCARDED), None, "discard.category", producers=producers
    ).items():
        accounts[key].discarded = numbers
    refused = partial(stored_numbers, elasticsearch, stream_name(settings, DEAD_LETTER), None, "dead_letter.category")
    for key, (numbers, _) in refused(producers=producers).items():
        accounts[key].dead_lettered = numbers
    for key, (numbers, _) in refused(producers=producers, only=FORGED).items():
        accounts[key].forged = numbers


def _join(account: Account, former: Account | None) -> None:
    """Add what was known before, and see to it that nothing was seen beyond the last number known."""
    if former is not None:
        account.indexed = ranges.merge(account.indexed, former.indexed)
        account.discarded = ranges.merge(account.discarded, former.discarded)
        account.dead_lettered = ranges.merge(account.dead_lettered, former.dead_lettered)
        for reason, numbers in former.dropped.items():
            account.dropped[reason] = ranges.merge(account.dropped.get(reason, []), numbers)
    seen = ranges.merge(account.indexed, account.discarded, account.dead_lettered, account.in_flight)
    account.numbered = max(account.numbered, seen[-1][1] if seen else 0)


_KEPT = ("numbered", "tail_known", "indexed", "discarded", "dead_lettered", "dropped")


def _remembered(path: Path) -> dict[Key, Account]:
    if not path.is_file():
        return {}
    rows = orjson.loads(path.read_bytes())
    return {
        (row["producer"], row["category"]): Account(
            numbered=row["numbered"],
            tail_known=row["tail_known"],
            indexed=_pairs(row["indexed"]),
            discarded=_pairs(row["discarded"]),
            dead_lettered=_pairs(row["dead_lettered"]),
            dropped={reason: _pairs(spans) for reason, spans in row["dropped"].items()},
        )
        for row in rows
    }


def _pairs(rows: list[list[int]]) -> ranges.Ranges:
    return [(first, last) for first, last in rows]


def _remember(path: Path, found: Reconciliation) -> None:
    rows = [
        {"producer": producer, "category": category, **{name: getattr(account, name) for name in _KEPT}}
        for (producer, category), account in found.accounts.items()
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".partial")
    temporary.write_bytes(orjson.dumps(rows))
    temporary.rename(path)


def _tidy(settings: Settings) -> None:
    """The high-water files of producers that are gone have been remembered: they may go too."""
    for path in settings.producers_dir.glob("*.numbers"):
        if not HighWater.owner_lives(path):
            path.unlink(missing_ok=True)
