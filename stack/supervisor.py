"""
Starts the programs of a table, keeps them running, and stops them so that nothing is lost.

The table is in order of data flow, the last to receive first: a program starts when what it needs is healthy, and
stopping goes through the table from the bottom up, so whoever produces has ended before whoever takes over from it.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from stack.child import Child
from stack.errors import StackError
from stack.program import Program

__all__ = ["State", "Supervisor", "Watched"]

TICK_S = 0.1
WATCH_INTERVAL_S = 10.0
FIRST_BACKOFF_S = 1.0
LONGEST_BACKOFF_S = 30.0
SETTLED_S = 60.0  # ran that long: the next restart begins with the first back-off again
TRIES_AT_START = 4  # before the stack is up, a program that keeps ending is a mistake to be seen, not to be retried

Report = Callable[[str, str], None]


class State(Enum):
    """What a program is doing."""

    WAITING = "waiting"
    STARTING = "starting"
    HEALTHY = "healthy"
    UNWELL = "running, unwell"
    ENDED = "ended, restarts soon"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(slots=True)
class Watched:
    """A row of the table, and what became of it."""

    program: Program
    state: State = State.WAITING
    child: Child | None = None
    restarts: int = 0
    backoff_s: float = 0.0
    next_at: float = 0.0

    @property
    def ready(self) -> bool:
        """Whether programs that need this one may start."""
        return self.state in (State.HEALTHY, State.UNWELL, State.DONE)


class Supervisor:
    """
    Runs *programs*.

    Args:
        programs: in order of data flow, the last to receive first; names are unique and `needs` point upwards.
        log_dir: holds ``<name>.log``.
        run_dir: holds ``<name>.pid`` while a program runs.
        report: called with a program's name and a sentence about it.
        echo: also called with a program's name and every line it prints.
        changed: called after every change of a state.
        first_backoff_s: until the first restart of a program; each further wait is twice as long.
        watch_interval_s: between health checks of a program that is healthy.
    """

    def __init__(
        self,
        programs: Iterable[Program],
        *,
        log_dir: Path,
        run_dir: Path,
        report: Report,
        echo: Report | None = None,
        changed: Callable[[], None] = lambda: None,
        first_backoff_s: float = FIRST_BACKOFF_S,
        watch_interval_s: float = WATCH_INTERVAL_S,
    ) -> None:
        self.watched = {program.name: Watched(program, backoff_s=first_backoff_s) for program in programs}
        self._first_backoff_s = first_backoff_s
        self._watch_interval_s = watch_interval_s
        self._log_dir = log_dir
        self._run_dir = run_dir
        self._report = report
        self._echo = echo
        self._changed = changed
        self._is_up = False

    def run(self, stop: threading.Event, *, when_up: Callable[[], None]) -> None:
        """
        Start everything, call *when_up* once, and restart what ends, until *stop* is set. Then call `stop`.

        Raises:
            StackError: a program cannot be started, or does not become healthy, before everything was up.
        """
        while not stop.is_set():
            for watched in self.watched.values():
                self._tick(watched)
            if not self._is_up and all(w.ready or w.program.every_s for w in self.watched.values()):
                self._is_up = True
                when_up()
            stop.wait(TICK_S)

    def stop(self, hurry: threading.Event) -> None:
        """Stop everything from the bottom of the table up; once *hurry* is set, by force."""
        for watched in reversed(self.watched.values()):
            child = watched.child
            if child is None or child.exit_code() is not None:
                continue
            self._wait_until_drained(watched.program, hurry)
            started = time.monotonic()
            code = child.stop(hurry)
            took_s = time.monotonic() - started
            forced = hurry.is_set() or took_s > watched.program.stop_timeout_s
            self._report(watched.program.name, f"killed ({code})" if forced else f"stopped after {took_s:.1f} s")
            self._become(watched, State.STOPPED)

    def _tick(self, watched: Watched) -> None:
        match watched.state:
            case State.WAITING | State.ENDED | State.DONE:
                needs = (self.watched[name] for name in watched.program.needs)
                if time.monotonic() >= watched.next_at and all(need.ready for need in needs):
                    self._start(watched)
            case State.STARTING:
                self._look_at_start(watched)
            case State.HEALTHY | State.UNWELL:
                self._look_after(watched)

    def _start(self, watched: Watched) -> None:
        program = watched.program
        echo = None if self._echo is None else (lambda line, echo=self._echo: echo(program.name, line))
        watched.child = Child(
            program, self._log_dir / f"{program.name}.log", echo=echo, pid_file=self._run_dir / f"{program.name}.pid"
        )
        self._become(watched, State.STARTING)

    def _look_at_start(self, watched: Watched) -> None:
        child, program = _child(watched), watched.program
        code = child.exit_code()
        if code is not None:
            child.kill()  # whatever it left behind
            if program.once and code == 0:
                self._report(program.name, f"done after {child.age_s:.1f} s")
                watched.next_at = time.monotonic() + (program.every_s or math.inf)
                self._become(watched, State.DONE)
            else:
                self._ended(watched, f"ended with {code}")
        elif program.once and child.age_s > program.health_timeout_s:
            child.kill()
            self._ended(watched, f"was not done after {child.age_s:.0f} s", hopeless=True)
        elif not program.once:
            problem = child.problem()
            if problem is None:
                self._report(program.name, f"healthy after {child.age_s:.1f} s")
                watched.next_at = time.monotonic() + self._watch_interval_s
                self._become(watched, State.HEALTHY)
            elif child.age_s > program.health_timeout_s:
                child.stop()
                self._ended(watched, f"{problem}, {child.age_s:.0f} s after its start", hopeless=True)

    def _look_after(self, watched: Watched) -> None:
        child = _child(watched)
        code = child.exit_code()
        if code is not None:
            child.kill()  # whatever it left behind
            self._ended(watched, f"ended with {code}")
            return
        if time.monotonic() < watched.next_at:
            return
        watched.next_at = time.monotonic() + self._watch_interval_s
        problem = child.problem()
        if problem and watched.state is State.HEALTHY:
            self._report(watched.program.name, f"is unwell: {problem}")
            self._become(watched, State.UNWELL)
        elif not problem and watched.state is State.UNWELL:
            self._report(watched.program.name, "is well again")
            self._become(watched, State.HEALTHY)

    def _ended(self, watched: Watched, how: str, *, hopeless: bool = False) -> None:
        """Plan a restart; before everything was up, give up after a few, or at once when it is *hopeless*."""
        child, name = _child(watched), watched.program.name
        hopeless = hopeless or watched.program.once or watched.restarts + 1 >= TRIES_AT_START
        if hopeless and not self._is_up:
            raise StackError(f"{name} {how}", f"{self._log_dir / name}.log ends with:\n{child.last_words}")
        if child.age_s > SETTLED_S:
            watched.backoff_s = self._first_backoff_s
        watched.restarts += 1
        watched.next_at = time.monotonic() + watched.backoff_s
        self._report(name, f"{how}; restarting in {watched.backoff_s:.0f} s. It said last:\n{child.last_words}")
        watched.backoff_s = min(watched.backoff_s * 2, LONGEST_BACKOFF_S)
        self._become(watched, State.ENDED)

    def _wait_until_drained(self, program: Program, hurry: threading.Event) -> None:
        if program.drained is None or not self._is_up:
            return
        deadline = time.monotonic() + program.drain_timeout_s
        problem = program.drained()
        while problem and time.monotonic() < deadline and not hurry.is_set():
            hurry.wait(TICK_S)
            problem = program.drained()
        if problem:
            self._report(program.name, f"{problem}; it is kept for the next start")

    def _become(self, watched: Watched, state: State) -> None:
        watched.state = state
        self._changed()


def _child(watched: Watched) -> Child:
    if watched.child is None:
        raise RuntimeError(f"{watched.program.name} has state {watched.state} without a process")
    return watched.child
