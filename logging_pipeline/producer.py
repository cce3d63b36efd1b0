"""
One process' end of the pipeline: stages 1 to 3 in the caller, 4 to 8 on the flusher thread.

After a fork the child is a producer of its own: new id, empty buffer, new locks, and a thread that starts with its
first event.
"""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import orjson

from logging_pipeline import forks, metrics
from logging_pipeline.contract import contract
from logging_pipeline.contract.field_values import timestamp
from logging_pipeline.errors import BrokerUnavailable, SpoolFull
from logging_pipeline.high_water import HighWater
from logging_pipeline.journey.bind import bound
from logging_pipeline.journey.classify import DEFAULT, classify
from logging_pipeline.journey.collect import Buffer, Collected
from logging_pipeline.journey.pack import Batch, Packer
from logging_pipeline.journey.ship import Breaker, Send, ship
from logging_pipeline.journey.spool import Spool
from logging_pipeline.ledger import Ledger
from logging_pipeline.limits import Limits
from logging_pipeline.lines import Lines
from logging_pipeline.origin import origin
from logging_pipeline.settings import Settings
from logging_pipeline.stderr import complain

__all__ = ["Producer"]

Document = dict[str, Any]

CHUNK = 8  # events made into lines at once; in longer runs the flusher makes other threads wake up late
REPLAY_INTERVAL_S = 2.0
REPLAY_BATCHES = 20  # in one turn; a long outage's batches must not keep the buffer waiting until it is full
LEDGER_INTERVAL_S = 30.0
START_AGAIN_S = 1.0  # where no thread could be started
FORK_WAIT_S = 0.2  # for the flusher to finish its turn: the metrics' locks must not be held when they are copied

CARRIERS = ("amqp", "celery", "kombu", "logging_pipeline", "py.warnings", "redis", "vine")
"""Loggers of what carries the events: what they say while a batch is handed over would beget another."""


class Producer:
    """
    Numbers, buffers, encodes and ships the events of one process.

    Args:
        settings: as read at start.
        make_send: makes what hands a batch to the broker; called once in each process, on the flusher thread.
        pressure: whether so much waits at the broker that batches should go to disk.
        watch: called with each document before it is encoded (the console, a test); must not change it.
        numbers_on_disk: keep the last number given where ``kill -9`` does not reach.
    """

    _closed: bool

    def __init__(
        self,
        settings: Settings,
        *,
        make_send: Callable[[], Send],
        pressure: Callable[[], bool] = lambda: False,
        watch: Callable[[Document], None] | None = None,
        numbers_on_disk: bool = True,
    ) -> None:
        self._settings = settings
        self._make_send = make_send
        self._pressure = pressure
        self._watch = watch
        self._numbers_dir = settings.producers_dir if numbers_on_disk else None
        self._begin()
        forks.watch(self)

    def emit(self, severity: int, logger: str, event: object, fields: Mapping[Any, Any]) -> None:
        """Stages 1 to 3 for one event; never raises, never waits."""
        try:
            if _working.active and logger.startswith(CARRIERS):
                complain("own", f"{logger}: {event}")
                return
            category = classify(event, logger, contract())
            context, now = bound(), time.time_ns()
            limits = self._limits
            if not (
                limits.active
                and limits.leave_out(self._buffer, category, severity, logger, event, fields, context, now)
            ):
                self._buffer.collect(category, severity, logger, event, fields, context, now)
        except Exception as error:  # noqa: BLE001  # nothing that the pipeline does may reach the code that logs
            complain("collect", f"an event of {logger} could not be taken: {error!r}")
            return
        if self._closed:
            if not _working.active:
                self.flush(self._time_left())  # a late word after `close`: nothing else would ever hand it over
        elif self._thread is None:
            self._start()

    def enter_in_ledger(self, name: str, fields: dict[str, Any]) -> None:
        """
        Write an entry of the ledger's own category: for accounting, which alone may set its fields.

        It goes out with the next `flush` or `close`.
        """
        with self._turn:
            _working.active = True
            try:
                self._enter(name, fields)
            finally:
                _working.active = False

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Hand over everything collected so far; whether that was done, and in time."""
        if not self._turn.acquire(timeout=timeout_s):
            return False
        try:
            return self._take_turn(final=self._closed)
        finally:
            self._turn.release()

    def close(self, timeout_s: float | None = None) -> None:
        """Hand everything over, or put it on disk; leave the final totals in the ledger. Can be called again."""
        timeout_s = self._settings.close_timeout_s if timeout_s is None else timeout_s
        if not self._closing.is_set():  # several hooks may fire at one end: they share one deadline
            self._deadline = time.monotonic() + timeout_s
            self._closing.set()
        self._wake.set()
        thread = self._thread
        if thread is not None and thread.is_alive() and thread is not threading.current_thread():
            thread.join(self._time_left())
        if not self._turn.acquire(timeout=self._time_left()):
            complain("close", f"the flusher still had work after {timeout_s} s; the high-water file keeps the numbers")
            return
        try:
            self._finish()
        finally:
            self._turn.release()

    def before_fork(self) -> bool:
        """Stand still while the process is copied; whether the flusher's turn was ended for it."""
        turn = self._turn.acquire(timeout=FORK_WAIT_S)
        self._buffer.lock.acquire()
        return turn

    def after_fork_in_parent(self, turn: bool) -> None:
        """Go on; *turn* is what `before_fork` said."""
        self._buffer.lock.release()
        if turn:
            self._turn.release()

    def after_fork_in_child(self) -> None:
        """Be a producer of one's own; what is in the buffer, and the files, are the parent's."""
        self._high_water.let_go()
        self._spool.let_go()
        self._begin()
        _working.active = False

    def _time_left(self) -> float:
        return max(self._deadline - time.monotonic(), 0.0)

    def _finish(self) -> None:
        """The last turn; the caller holds it."""
        if self._closed and not len(self._buffer):
            return
        self._closed = True  # from here on who logs hands over by itself, after this last turn
        self._take_turn(final=True)
        if len(self._buffer):  # finalisers that logged meanwhile
            self._take_turn(final=True)
        self._spool.release()
        with self._buffer.lock:
            self._high_water.close(remove=self._ledger.settled and not self._spool.batches)

    # --- the flusher thread ---

    def _begin(self) -> None:
        settings = self._settings
        self.ephemeral_id = os.urandom(16).hex()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._closed = False
        self._deadline = 0.0
        self._turn = threading.Lock()
        self._thread: threading.Thread | None = None
        self._start_at = 0.0
        self._high_water: HighWater = HighWater(
            self._numbers_dir and self._numbers_dir / f"{self.ephemeral_id}.numbers"
        )
        self._buffer: Buffer = Buffer(
            settings.buffer_max_events, self._high_water, wake=self._wake.set, wake_at=settings.batch_max_events
        )
        self._limits = Limits(
            storm_limit_per_s=settings.storm_limit_per_s,
            storm_burst=settings.storm_burst,
            sample_http_ok=settings.sample_http_ok,
        )
        self._packer = Packer(settings.batch_max_events, settings.batch_max_bytes)
        self._spool: Spool = Spool(settings.spool_dir, self.ephemeral_id, settings.spool_max_bytes)
        self._breaker = Breaker()
        self._ledger: Ledger = Ledger()
        self._send: Send | None = None
        self._replayed_at = 0.0
        self._ledger_at = time.monotonic()
        self._lines = Lines(settings, origin(settings, self.ephemeral_id))

    def _start(self) -> None:
        with self._buffer.lock:
            if self._thread is not None or time.monotonic() < self._start_at:
                return
            self._thread = threading.Thread(target=self._run, name="logging_pipeline.flusher", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:
            self._thread = None
            if threading.main_thread().is_alive():  # the machine has no thread left: who logs does not wait for one
                self._start_at = time.monotonic() + START_AGAIN_S
                complain("flusher", f"{error}: events wait in memory until there is a thread, or until the end")
            else:  # the interpreter ends, and may be past `close`
                self.flush()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.wait(self._settings.flush_interval_s)
            self._wake.clear()
            with self._turn:
                self._take_turn()

    def _take_turn(self, *, final: bool = False) -> bool:
        """Stages 4 to 8 for the whole buffer; whether all went well. The caller holds the turn. Never raises."""
        _working.active = True
        try:
            self._tell_storms(final=final)
            self._forward()
            self._dispatch(self._packer.seal())
            for category, (numbers, _) in self._buffer.take_drops().items():
                self._dropped(category, numbers, "buffer_full")
            for (category, reason), numbers in self._limits.take_left_out(self._buffer).items():
                self._dropped(category, numbers, reason)
            self._replay(final=final)
            if final or time.monotonic() - self._ledger_at >= LEDGER_INTERVAL_S:
                self._ledger_at = time.monotonic()
                self._write_ledger(final=final)
        except Exception as error:  # noqa: BLE001  # the flusher, and the end of a process, must outlive what they meet
            complain("flusher", repr(error))
            return False
        else:
            return True
        finally:
            _working.active = False

    def _tell_storms(self, *, final: bool) -> None:
        """An event for each that was left out many times, past the limits themselves."""
        for storm in self._limits.storms(self._buffer, final=final):
            fields = {
                "storm_event": storm.event,
                "storm_category": storm.category,
                "suppressed": storm.count,
                "event.start": timestamp(storm.first_ns),
                "event.duration": storm.last_ns - storm.first_ns,
            }
            self._buffer.collect(DEFAULT, storm.severity, __name__, "system.storm", fields, {}, time.time_ns())

    def _forward(self) -> None:
        self._lines.follow(contract())
        misfits, masked = self._lines.misfits, self._lines.masked
        hurried = 2 * len(self._buffer) > self._settings.buffer_max_events  # better late threads than dropped events
        events = self._buffer.drain()
        numbered: dict[str, int] = defaultdict(int)
        while chunk := list(islice(events, CHUNK)):
            for event, line in zip(chunk, self._made(chunk), strict=True):
                numbered[event.category] += 1
                self._dispatch(self._packer.add(event.category, event.sequence, line))
            if not hurried and not self._closing.is_set():
                time.sleep(0)
        for category, count in numbered.items():
            metrics.COLLECTED.labels(category).inc(count)
            self._ledger.numbered(category, count)
        metrics.MISFITS.inc(self._lines.misfits - misfits)
        metrics.MASKED.inc(self._lines.masked - masked)
        metrics.BUFFERED.set(len(self._buffer))

    def _made(self, events: list[Collected]) -> list[bytes]:
        lines = self._lines.lines(events, timestamp(time.time_ns()))
        if self._watch is not None:
            for line in lines:
                self._show(orjson.loads(line), self._watch)
        return lines

    def _show(self, document: Document, watch: Callable[[Document], None]) -> None:
        try:
            watch(document)
        except Exception as error:  # noqa: BLE001  # who watches must not cost an event
            complain("watch", repr(error))

    def _dispatch(self, batch: Batch | None, *, last_word: bool = False) -> None:
        if batch is None:
            return
        try:
            if self._spool.batches or self._pressure():
                raise BrokerUnavailable("older batches wait on disk")  # keeps the order, and spares the broker
            self._ship(batch)
        except BrokerUnavailable:
            self._keep(batch, last_word=last_word)
        except Exception as error:  # noqa: BLE001  # a client library may raise anything; the batch waits on disk
            complain("ship", repr(error))
            self._keep(batch, last_word=last_word)

    def _ship(self, batch: Batch) -> None:
        self._hand_over(batch)
        for category, numbers in batch.numbers.items():
            metrics.SHIPPED.labels(category).inc(len(numbers))
            self._ledger.shipped(category, len(numbers))

    def _hand_over(self, batch: Batch) -> None:
        if self._send is None:
            self._send = self._make_send()
        ship(batch, send=self._send, breaker=self._breaker)

    def _keep(self, batch: Batch, *, last_word: bool) -> None:
        try:
            self._spool.keep(batch, last_word=last_word)
        except SpoolFull as error:
            complain("spool", f"{error}; {len(batch)} events dropped, the ledger has their numbers")
            for category, numbers in batch.numbers.items():
                self._dropped(category, numbers, "spool_full")
            return
        metrics.SPOOL_BYTES.set(self._spool.bytes)
        for category, numbers in batch.numbers.items():
            metrics.SPOOLED.labels(category).inc(len(numbers))
            self._ledger.spooled(category, len(numbers))

    def _replay(self, *, final: bool) -> None:
        now = time.monotonic()
        if self._breaker.open or (not final and now - self._replayed_at < REPLAY_INTERVAL_S) or self._pressure():
            return
        self._replayed_at = now
        sent = self._spool.replay(self._hand_over, max_batches=REPLAY_BATCHES)
        if sent == REPLAY_BATCHES:
            self._replayed_at = 0.0  # there may be more: go on as soon as the buffer has been seen to
            self._wake.set()
        if sent:
            metrics.REPLAYED.inc(sent)
            metrics.SPOOL_BYTES.set(self._spool.bytes)

    # --- the ledger ---

    def _dropped(self, category: str, numbers: list[int], reason: str) -> None:
        metrics.DROPPED.labels(category, reason).inc(len(numbers))
        self._ledger.dropped(category, numbers, reason)

    def _write_ledger(self, *, final: bool) -> None:
        for name, fields in self._ledger.entries(final=final):
            self._enter(name, fields)
        self._dispatch(self._packer.seal(), last_word=final)

    def _enter(self, name: str, fields: dict[str, Any]) -> None:
        with self._buffer.lock:
            number = self._buffer.number("ledger")
        event = Collected("ledger", number, time.time_ns(), 20, __name__, name, fields, {})
        self._lines.follow(contract())
        (line,) = self._made([event])
        self._dispatch(self._packer.add("ledger", number, line))


class _Working(threading.local):
    """
    Whether this thread is at work for the pipeline: what `CARRIERS` log then does not enter the pipeline again.

    Others' events do: the garbage collector may run their finalisers here.
    """

    active = False


_working = _Working()
