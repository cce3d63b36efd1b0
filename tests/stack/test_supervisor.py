"""The supervisor, with small programs of its own."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stack.child import LOG_MAX_BYTES, Child
from stack.errors import StackError
from stack.leftovers import end_leftovers, is_held
from stack.program import Check, Program
from stack.supervisor import State, Supervisor

WAIT_S = 20.0


class Bench:
    """A supervisor at work on a thread, and what it reported."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reports: list[tuple[str, str]] = []
        self.stopping, self.hurry, self.is_up = threading.Event(), threading.Event(), threading.Event()
        self.error: StackError | None = None

    def start(self, *programs: Program, **timing: float) -> Supervisor:
        self.supervisor = Supervisor(
            programs,
            log_dir=self.folder,
            run_dir=self.folder,
            report=lambda name, text: self.reports.append((name, text)),
            **timing,
        )
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self.supervisor

    def stop(self) -> None:
        self.stopping.set()
        self._thread.join(WAIT_S)
        self.supervisor.stop(self.hurry)

    def pid(self, name: str) -> int:
        child = self.supervisor.watched[name].child
        assert child is not None
        return child.pid

    def said(self, name: str, words: str) -> bool:
        return any(who == name and words in text for who, text in list(self.reports))

    def _run(self) -> None:
        try:
            self.supervisor.run(self.stopping, when_up=self.is_up.set)
        except StackError as error:
            self.error = error


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.hurry.set()
    bench.stop()


def python(name: str, source: str, **more: object) -> Program:
    """A program made of Python *source*; stops at once on SIGTERM unless it says otherwise."""
    return Program(name=name, command=(sys.executable, "-c", textwrap.dedent(source)), **more)  # type: ignore[arg-type]


def sleeper(name: str, **more: object) -> Program:
    return python(name, "import time; time.sleep(600)", **more)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def file_check(path: Path) -> Check:
    return lambda: None if path.exists() else f"{path.name} is not there"


def test_starts_in_order_of_need(bench: Bench):
    """A program starts when what it needs is healthy or, run once, done; not before."""
    sign, trace = bench.folder / "sign", bench.folder / "trace"
    note = "open({!r}, 'a').write({!r})"
    bench.start(
        sleeper("server", healthy=file_check(sign)),
        python("setup", note.format(str(trace), "setup "), once=True, needs=("server",)),
        python(
            "web", note.format(str(trace), "web ") + "; import time; time.sleep(600)", needs=("setup",),
            healthy=file_check(trace),
        ),
    )  # fmt: skip
    until(lambda: bench.supervisor.watched["server"].state is State.STARTING)
    time.sleep(0.5)
    assert not trace.exists()
    sign.touch()
    assert bench.is_up.wait(WAIT_S)
    until(lambda: trace.read_text() == "setup web ")
    assert bench.supervisor.watched["setup"].state is State.DONE


def test_restarts_a_killed_child_and_reports_it(bench: Bench):
    """A program that dies comes back, and the person at the terminal hears how it ended."""
    bench.start(sleeper("worker"))
    assert bench.is_up.wait(WAIT_S)
    first = bench.pid("worker")
    os.kill(first, signal.SIGKILL)
    until(lambda: bench.supervisor.watched["worker"].state is State.HEALTHY and bench.pid("worker") != first)
    assert bench.supervisor.watched["worker"].restarts == 1
    assert bench.said("worker", "ended with -9; restarting in 1 s")


def test_restarts_wait_longer_each_time(bench: Bench):
    """A program that keeps dying does not keep the machine busy."""
    flag = bench.folder / "broken"
    source = f"import os, time; time.sleep(600 if not os.path.exists({str(flag)!r}) else 0)"
    bench.start(python("worker", source))
    assert bench.is_up.wait(WAIT_S)
    flag.touch()
    os.kill(bench.pid("worker"), signal.SIGKILL)
    until(lambda: bench.said("worker", "restarting in 4 s"))
    waits = [text.split("restarting in ")[1].split(" s")[0] for _, text in bench.reports if "restarting in" in text]
    assert waits == ["1", "2", "4"]


def test_what_a_dead_child_left_behind_ends_with_it(bench: Bench):
    """Its own children cannot hold the port that the restarted one needs."""
    note = bench.folder / "grandchild"
    bench.start(
        python(
            "web",
            f"""
            import os, time
            if os.fork() == 0:
                open({str(note)!r}, "a").write(f"{{os.getpid()}}\\n")
            time.sleep(600)
            """,
            healthy=file_check(note),
        )
    )
    assert bench.is_up.wait(WAIT_S)
    grandchild = int(note.read_text())
    os.kill(bench.pid("web"), signal.SIGKILL)
    until(lambda: bench.supervisor.watched["web"].restarts == 1)
    until(lambda: not is_alive(grandchild))


def test_gives_up_when_setup_fails(bench: Bench):
    """A failed one-shot ends the start with its last words and the place of its log."""
    bench.start(
        python("setup", "print('no such database'); raise SystemExit(3)", once=True), sleeper("web", needs=("setup",))
    )
    until(lambda: bench.error is not None)
    assert "setup ended with 3" in str(bench.error)
    assert "no such database" in str(bench.error)
    assert f"{bench.folder}/setup.log" in str(bench.error)


def test_gives_up_on_a_program_that_keeps_ending_at_start(bench: Bench):
    """Before the stack was ever up, a program that ends at once is a mistake to be seen: four tries, then an error."""
    bench.start(
        python("web", "raise SystemExit('cannot import the shop')"),
        sleeper("demo", healthy=lambda: "is not yet healthy"),
        first_backoff_s=0.01,
    )
    until(lambda: bench.error is not None)
    assert "web ended with 1" in str(bench.error)
    assert "cannot import the shop" in str(bench.error)


def test_gives_up_when_a_program_does_not_become_healthy_at_start(bench: Bench):
    """A stack that cannot come up says which program and why, instead of trying for ever."""
    bench.start(sleeper("server", healthy=lambda: "does not answer", health_timeout_s=0.2))
    until(lambda: bench.error is not None)
    assert "server does not answer" in str(bench.error)


def test_a_command_that_is_not_there_is_named(bench: Bench):
    """A missing program is an error with its path, not a traceback."""
    bench.start(Program(name="web", command=("/nowhere/web",)))
    until(lambda: bench.error is not None)
    assert "web cannot be started: /nowhere/web: No such file or directory" in str(bench.error)


def test_reports_a_program_that_runs_and_does_not_answer(bench: Bench):
    """A hung program is reported once, and again when it is well."""
    sign = bench.folder / "sign"
    sign.touch()
    bench.start(sleeper("server", healthy=file_check(sign)), watch_interval_s=0.1)
    assert bench.is_up.wait(WAIT_S)
    sign.unlink()
    until(lambda: bench.said("server", "is unwell: sign is not there"))
    sign.touch()
    until(lambda: bench.said("server", "is well again"))
    assert bench.supervisor.watched["server"].restarts == 0


def test_repeats_what_is_done_every_so_often(bench: Bench):
    """Retention runs again without a restart of the stack."""
    note = bench.folder / "note"
    bench.start(python("retention", f"open({str(note)!r}, 'a').write('x')", once=True, every_s=0.1))
    assert bench.is_up.wait(WAIT_S)
    until(lambda: note.exists() and note.read_text() >= "xxx")


def test_stops_producers_first_and_waits_until_their_takers_are_drained(bench: Bench):
    """The table is stopped from the bottom up, and each hop is asked to end when nothing waits for it any more."""
    order, queue = bench.folder / "order", bench.folder / "queue"
    source = """
    import signal, sys, time
    def end(*_):
        open({order!r}, "a").write({name!r} + " ")
        sys.exit()
    signal.signal(signal.SIGTERM, end)
    print("ready", flush=True)
    {work}
    while True: time.sleep(0.05)
    """
    # The worker takes the queue away half a second after the web server has ended.
    work = f"""import os
    while "web" not in (open({str(order)!r}).read() if os.path.exists({str(order)!r}) else ""): time.sleep(0.05)
    time.sleep(0.5); os.unlink({str(queue)!r})"""
    queue.touch()

    def ready(name: str) -> Check:
        log = bench.folder / f"{name}.log"
        return lambda: None if log.exists() and "ready" in log.read_text() else "is not ready"

    bench.start(
        python("server", source.format(order=str(order), name="server", work=""), healthy=ready("server")),
        python(
            "worker",
            source.format(order=str(order), name="worker", work=work),
            healthy=ready("worker"),
            drained=lambda: "1 still waits" if queue.exists() else None,
        ),
        python("web", source.format(order=str(order), name="web", work=""), healthy=ready("web")),
    )
    assert bench.is_up.wait(WAIT_S)
    bench.stop()
    assert order.read_text() == "web worker server "
    assert not queue.exists()
    assert not bench.said("worker", "still waits")


def test_a_second_ctrl_c_kills(bench: Bench):
    """Whoever is in a hurry does not wait for a program that ignores its signal."""
    source = """
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ready", flush=True)
    time.sleep(600)
    """
    log = bench.folder / "stubborn.log"
    bench.start(python("stubborn", source, healthy=file_check(log), drained=lambda: "1 still waits"))
    assert bench.is_up.wait(WAIT_S)
    pid = bench.pid("stubborn")
    threading.Timer(0.5, bench.hurry.set).start()
    started = time.monotonic()
    bench.stop()
    assert time.monotonic() - started < 5
    assert not is_alive(pid)
    assert bench.said("stubborn", "killed")


def test_the_log_is_bounded(tmp_path: Path):
    """A program that prints for weeks does not fill the disk: the newest output is kept."""
    lines = LOG_MAX_BYTES * 3 // 1000
    source = f"for number in range({lines}): print(number, 'x' * 990)"
    child = Child(python("chatty", source), tmp_path / "chatty.log")
    until(lambda: child.exit_code() is not None)
    child.kill()
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) == 2
    assert max(sizes) <= LOG_MAX_BYTES
    assert (tmp_path / "chatty.log").read_text().splitlines()[-1].startswith(f"{lines - 1} ")


def test_secrets_are_not_on_the_command_line_of_a_program():
    """The representation of a program, which an error may show, holds no environment."""
    assert "hidden" not in repr(Program(name="web", command=("web",), environment={"PASSWORD": "hidden"}))


def test_ends_what_a_killed_stack_left_behind(tmp_path: Path):
    """After a `kill -9` of the stack the next start finds its ports and data free."""
    child = Child(sleeper("worker"), tmp_path / "worker.log", pid_file=tmp_path / "worker.pid")
    assert is_held(tmp_path / "worker.pid")
    reports: list[str] = []
    end_leftovers(tmp_path, lambda name, text: reports.append(f"{name}: {text}"))
    until(lambda: child.exit_code() == -signal.SIGTERM)
    assert reports == [f"worker: process {child.pid} was left by an earlier run; ending it"]
    assert list(tmp_path.glob("*.pid")) == []


def test_leaves_a_stranger_alone_who_has_the_number_of_an_old_process(tmp_path: Path):
    """A pid file whose lock nobody holds is only removed: its number may belong to anybody now."""
    stranger = Child(sleeper("stranger"), tmp_path / "stranger.log")
    (tmp_path / "worker.pid").write_text(str(stranger.pid))
    end_leftovers(tmp_path, lambda name, text: pytest.fail(f"{name}: {text}"))
    assert stranger.exit_code() is None
    stranger.kill()


def is_alive(pid: int) -> bool:
    """Whether *pid* runs; one that ended and was not asked for its exit code yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
