"""What the supervisor needs to know of a program: plain data, a row of the table in `stack.programs`."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stack.account import Account

__all__ = ["Check", "Program"]

# None: all is well; otherwise what is not, for a person.
Check = Callable[[], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """
    One program of the stack.

    Args:
        name: one word; also the name of its log.
        command: what to run, without a shell.
        environment: added to our own; secrets travel here, never on the command line.
        needs: names of programs that must be healthy (or, run once, done) before this one starts.
        once: it does its work and ends with 0; it is not restarted.
        every_s: seconds after which what is done once is done again; nobody waits for it.
        healthy: asked again and again; without one, a program that runs is healthy.
        health_timeout_s: not healthy that long after its start: the stack gives up with its last words.
        drained: asked before it is stopped, when what feeds it has stopped: is there nothing left for it to do?
        drain_timeout_s: the longest to wait for that.
        stop_signal: asks it to end in good order.
        stop_timeout_s: still there after that: killed.
        account: whom it runs as; None: as ourselves.
        folder: its working directory; None: our own.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    needs: tuple[str, ...] = ()
    once: bool = False
    every_s: float | None = None
    healthy: Check | None = None
    health_timeout_s: float = 180
    drained: Check | None = None
    drain_timeout_s: float = 15
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 15
    account: Account | None = None
    folder: Path | None = None
