"""One running program: its process group, and its output in a log of bounded size."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO

from stack.errors import StackError
from stack.leftovers import hold
from stack.program import Program

__all__ = ["Child"]

LOG_MAX_BYTES = 5_000_000  # a second one is kept beside it
LAST_WORDS_LINES = 15
HEALTH_PAUSE_S = 0.1
STOP_PAUSE_S = 0.05


class Child:
    """
    A `Program` that was started; it leads a process group of its own, so that a Ctrl-C in the terminal reaches only us.

    Args:
        log: file that its output is appended to.
        echo: also called with every line of it.
        pid_file: see `stack.leftovers`.

    Raises:
        StackError: the command cannot be run.
    """

    def __init__(
        self, program: Program, log: Path, *, echo: Callable[[str], None] | None = None, pid_file: Path | None = None
    ) -> None:
        self.program = program
        self.started_at = time.monotonic()
        self._group_is_gone = False
        self._last_words: deque[str] = deque(maxlen=LAST_WORDS_LINES)
        self._process = _start(program, pid_file)
        assert self._process.stdout is not None  # noqa: S101  # a pipe was asked for
        self._reader = threading.Thread(
            target=self._copy_output,
            args=(self._process.stdout, log, echo),
            name=f"output of {program.name}",
            daemon=True,
        )
        self._reader.start()

    @property
    def pid(self) -> int:
        """Of the program itself, which is also the id of its process group."""
        return self._process.pid

    @property
    def age_s(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self.started_at

    @property
    def last_words(self) -> str:
        """The last lines that it printed."""
        return "\n".join(self._last_words)

    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._process.poll()

    def wait_until_healthy(self) -> None:
        """
        Return when its health check is content.

        Raises:
            StackError: it ended, or is not healthy in its time; with its last words.
        """
        problem = self.problem()
        while problem:
            code = self.exit_code()
            if code is not None or self.age_s > self.program.health_timeout_s:
                what = f"is not healthy after {self.age_s:.0f} s ({problem})" if code is None else f"ended with {code}"
                raise StackError(f"{self.program.name} {what}", f"It said last:\n{self.last_words}")
            time.sleep(HEALTH_PAUSE_S)
            problem = self.problem()

    def problem(self) -> str | None:
        """What its health check finds; None: nothing."""
        return self.program.healthy() if self.program.healthy else None

    def send(self, number: signal.Signals) -> None:
        """Signal the program itself, which tells its own children."""
        if self.exit_code() is None:
            self._process.send_signal(number)

    def pause(self) -> None:
        """Freeze the program and its children: connections to it hang."""
        self._signal_group(signal.SIGSTOP)

    def resume(self) -> None:
        """Undo `pause`."""
        self._signal_group(signal.SIGCONT)

    def stop(self, hurry: threading.Event | None = None) -> int:
        """End it in good order; by force after its time, or when *hurry* is set; returns the exit code."""
        hurry = hurry or threading.Event()
        self.send(self.program.stop_signal)
        deadline = time.monotonic() + self.program.stop_timeout_s
        while self._group_is_there() and time.monotonic() < deadline and not hurry.is_set():
            hurry.wait(STOP_PAUSE_S)
        return self.kill()

    def kill(self) -> int:
        """End it and whatever is left of its process group, now; returns the exit code."""
        self._signal_group(signal.SIGKILL)
        code = self._process.wait()
        self._reader.join(timeout=2)
        return code

    def _group_is_there(self) -> bool:
        """Whether the program or one of its children still runs: a launcher may be gone before its server."""
        self._process.poll()
        return self._signal_group(0)

    def _signal_group(self, number: int) -> bool:
        """Whether anyone was there to be signalled; once nobody was, the group's id may become a stranger's."""
        if not self._group_is_gone:
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:
                self._group_is_gone = True
        return not self._group_is_gone

    def _copy_output(self, output: IO[bytes], log: Path, echo: Callable[[str], None] | None) -> None:
        for raw in output:
            line = raw.decode(errors="replace").rstrip()
            self._last_words.append(line)
            if echo:
                echo(line)
            with contextlib.suppress(OSError):  # a full disk must not block the program that prints
                _append(log, raw)


def _append(log: Path, raw: bytes) -> None:
    if log.exists() and log.stat().st_size + len(raw) > LOG_MAX_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))
    with log.open("ab") as file:
        file.write(raw)


def _start(program: Program, pid_file: Path | None) -> subprocess.Popen[bytes]:
    lock = () if pid_file is None else (hold(pid_file),)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **program.environment}
    try:
        process = subprocess.Popen(
            program.command,
            env=environment,
            cwd=program.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
            pass_fds=lock,
            **(program.account.popen_arguments if program.account else {}),
        )
    except OSError as error:
        raise StackError(
            f"{program.name} cannot be started: {program.command[0]}: {error.strerror}",
            "Run `make clean` and start again",
        ) from error
    finally:
        for descriptor in lock:
            os.close(descriptor)
    if pid_file is not None:
        pid_file.write_text(str(process.pid))
    return process
