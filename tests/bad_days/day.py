"""One bad day: programs that log on the shared pipeline, and at the end its account, told twice and compared."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch

from logging_pipeline import ranges
from logging_pipeline.accounting.account import Account
from logging_pipeline.accounting.reconcile import Reconciliation, reconcile
from logging_pipeline.accounting.stored import ledger_entries, producers_since, search
from logging_pipeline.contract import contract
from logging_pipeline.indexes import DEAD_LETTER, READER, stream_name
from logging_pipeline.ranges import Ranges
from logging_pipeline.settings import Settings
from stack.program import Check, Program
from stack.settings import PROJECT
from tests.bad_days.obligations import Copy, Key, Verdict, judge, read
from tests.bad_days.pipeline import Part, Pipeline, until

__all__ = ["Day", "Emitter", "accounts_of", "stored_copies"]

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
PAGE = 10_000


class Emitter(Part):
    """`tests.bad_days.emitter` in a process of its own; *record* is what it wrote down."""

    def __init__(self, folder: Path, program: Program, record: Path) -> None:
        super().__init__(folder, program)
        self.record = record

    def wait_for(self, events: int) -> None:
        """Return when it has logged so many *events*."""
        until(lambda: self.said() >= events or not self.running, lambda: self.last_words)
        assert self.said() >= events, self.last_words

    def said(self) -> int:
        """How many events it has logged so far."""
        return self.record.read_text().count("\nsaid ") if self.record.exists() else 0


@dataclass
class Day:
    """
    A folder of state, and who logs into it.

    Args:
        earlier: producers of the days before, on the same data streams.
    """

    name: str
    pipeline: Pipeline
    folder: Path
    earlier: set[str] = field(default_factory=set)
    emitters: list[Emitter] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    excuses: list[tuple[float, float]] = field(default_factory=list)
    found: Reconciliation | None = None
    verdict: Verdict | None = None

    @property
    def state(self) -> Path:
        """Where the day's producers keep their numbers and their spools."""
        return self.folder / "state"

    @property
    def settings(self) -> Settings:
        """Those of the accounting."""
        return Settings(
            app="shop", namespace=self.pipeline.namespace, redis_url=self.pipeline.redis.url(1), state_dir=self.state
        )

    def begin(self) -> None:
        """Leave out of the account who has logged so far, and what has collapsed."""
        self.pipeline.collapses()
        with self.pipeline.elasticsearch.client(READER) as reader:
            self.earlier = producers_since(reader, stream_name(self.settings, "*"), BEGINNING)

    def emitter(self, *arguments: str, before: Sequence[str] = (), **environment: str) -> Emitter:
        """
        Start a program that logs.

        Args:
            arguments: see `tests.bad_days.emitter`.
            before: a command that runs it.
            environment: further settings of the pipeline.
        """
        name = f"emitter-{len(self.emitters) + 1}"
        record = self.folder / f"{name}.record"
        command = (*before, sys.executable, "-m", "tests.bad_days.emitter", name, str(record), *arguments)
        emitter = Emitter(self.folder / name, self._program(name, *command, **environment), record)
        self.emitters.append(emitter)
        self._begin_part(emitter)
        return emitter

    def part(self, name: str, *command: str, healthy: Check | None = None, **environment: str) -> Part:
        """
        Start another program that logs into this day's folder.

        Args:
            healthy: asked until it is content.
        """
        part = Part(self.folder / name, replace(self._program(name, *command, **environment), healthy=healthy))
        self._begin_part(part)
        return part

    def end(self) -> None:
        """Leave nothing that runs, and nothing that could reach into another day."""
        for part in self.parts:
            part.kill()
        if not self.row():  # it ended early
            self.pipeline.worker.kill()
            self.pipeline.consumer.kill()

    def _begin_part(self, part: Part) -> None:
        self.parts.append(part)
        part.start()

    def _program(self, name: str, *command: str, **environment: str) -> Program:
        return Program(
            name=name,
            command=command,
            environment=self.pipeline.environment(self.state, **environment),
            folder=PROJECT,
        )

    def quiet(self) -> None:
        """End the emitters in good order, hand over what they left on disk, and wait until everything is stored."""
        for emitter in self.emitters:
            emitter.stop()
        while list(self.settings.spool_dir.glob("*/*.batch")):
            heir = self.emitter("--rate=20", "--count=60")
            until(lambda heir=heir: not heir.running)
        until(lambda: self.pipeline.waiting() == 0, self.pipeline.waiting)

    def account(self, *, recorded: bool = True) -> Verdict:
        """
        Account for the day.

        Args:
            recorded: all that was logged is in records of the harness.

        Raises:
            AssertionError: with `complaints`.
        """
        verdict = self.look()
        complaints = self.complaints(recorded=recorded)
        assert not complaints, complaints
        return verdict

    def look(self) -> Verdict:
        """Ask reconcile, and judge by the harness' own records."""
        pipeline = self.pipeline
        with pipeline.elasticsearch.client(READER) as reader, pipeline.client() as broker:
            self._refresh()
            found = reconcile(
                self.settings, contract(), elasticsearch=reader, redis_client=broker, sleep=lambda _: self._refresh()
            )
            self.found = Reconciliation({k: a for k, a in found.accounts.items() if k[0] not in self.earlier})
            self.verdict = self._judge(reader)
        return self.verdict

    def complaints(self, *, recorded: bool = True) -> list[str]:
        """
        What is wrong on any day: a broken obligation, another result by reconcile, what must be zero and is not, a part
        that ended by itself, though a supervisor would start it again.
        """
        assert self.found is not None
        assert self.verdict is not None
        found = [f"{name}: {len(what)}, among them {what[:3]}" for name, what in self.verdict.wrong.items()]
        if recorded and self.verdict.lost != lost_numbers(self.found, self.verdict):
            found.append(f"lost by the records {self.verdict.lost}, by reconcile {self.found.rows()}")
        row = self.row()
        found += self.pipeline.collapses()
        return found + [f"{row[name]} {name}" for name in ("unknown", "duplicates", "in_flight") if row[name]]

    def row(self) -> dict[str, int]:
        """The day's line of the table, by reconcile."""
        return accounts_of(self.found) if self.found else {}

    def _judge(self, reader: Elasticsearch) -> Verdict:
        obligations = [obligation for record in self.folder.glob("*.record") for obligation in read(record)]
        producers = sorted({obligation.key[0] for obligation in obligations})
        copies = list(stored_copies(reader, self.settings, producers))
        entries = ledger_entries(reader, stream_name(self.settings, "ledger"))
        dropped = {key: ranges.merge(*entry.dropped.values()) for key, entry in entries.items()}
        return judge(obligations, copies, dropped, self.excuses)

    def _refresh(self) -> None:
        with self.pipeline.elasticsearch.client() as admin:
            admin.indices.refresh(index=f"logs-shop.*-{self.pipeline.namespace}")


def accounts_of(found: Reconciliation) -> dict[str, int]:
    """The sums of *found*, every count of the table among them."""
    return dict.fromkeys(("lost", "unknown", "duplicates", "in_flight", "forged"), 0) | found.totals()


def lost_numbers(found: Reconciliation, verdict: Verdict) -> dict[Key, Ranges]:
    """
    What reconcile calls lost, in the categories that the harness keeps records of.

    A program is killed between its own note and the call: such an event was never numbered, and is not lost.
    """
    lost = {key: account.lost for key, account in found.accounts.items() if account.lost and key[1] != "ledger"}
    for key, spans in verdict.died_in_memory.items():
        account = found.accounts.get(key, Account())
        never = ranges.subtract(spans, [(1, account.numbered)] if account.numbered else [])
        assert ranges.size(never) <= 1, (key, never)
        if never:
            lost[key] = ranges.merge(lost.get(key, []), never)
    return lost


def stored_copies(reader: Elasticsearch, settings: Settings, producers: Sequence[str]) -> Iterator[Copy]:
    """Every document of *producers* that the harness has given a name, dead letters among them."""
    body: dict[str, Any] = {
        "size": PAGE,
        "track_total_hits": False,
        "_source": ["event.id", "labels.obligation", "event.original"],
        "query": {"bool": {"filter": [{"terms": {"agent.ephemeral_id": list(producers)}}]}},
        "sort": [{"agent.ephemeral_id": "asc"}, {"event.sequence": "asc"}, {"event.dataset": "asc"}, {"_doc": "asc"}],
    }
    pattern = f"logs-{settings.app}.*-{settings.namespace}"
    while hits := search(reader, pattern, body)["hits"]["hits"]:
        for hit in hits:
            copy = _copy(hit, stream_name(settings, DEAD_LETTER) in hit["_index"])
            if copy is not None:
                yield copy
        body["search_after"] = hits[-1]["sort"]


def _copy(hit: dict[str, Any], is_dead_letter: bool) -> Copy | None:
    event = hit["_source"]["event"]
    producer, category, number = event["id"].split("-")
    if category == "ledger":
        return None
    name = (hit["_source"].get("labels") or {}).get("obligation", f"? {event['id']}")
    if is_dead_letter:
        name = event["original"].partition('"obligation":"')[2].partition('"')[0]
    return Copy(name, (producer, category), int(number), is_dead_letter)
