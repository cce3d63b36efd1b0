"""How a process begins and ends: each way of ending hands over what was collected, by a hook of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import logging_pipeline
from logging_pipeline import composition, entrance
from logging_pipeline.errors import ConfigurationError
from logging_pipeline.high_water import HighWater
from stack.ports import free_port
from tests.collector import Collector, field
from tests.tiny_project.servers import ROOT, clean_environ, pipeline_environ

OPENING = """
import logging, multiprocessing, os, signal, sys, threading, time
import logging_pipeline, structlog
log = structlog.get_logger("program")
def child(name):
    log.info("in the child", name=name)
if __name__ == "__main__" or "spawn" in sys.argv:
    logging_pipeline.configure(app="shop", flush_interval_s=60, close_timeout_s=3)
"""


@pytest.fixture
def collector():
    with Collector() as collector:
        yield collector


@pytest.fixture
def program(collector, tmp_path):
    """Starts a program; its events go to the collector, its output is a pipe."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: str, **environ: str) -> subprocess.Popen[str]:
        path = tmp_path / "program.py"
        path.write_text(OPENING + code)
        process = subprocess.Popen(
            [sys.executable, str(path), *arguments],
            cwd=ROOT,
            env={**clean_environ(), **pipeline_environ(tmp_path, collector), "PYTHONPATH": str(ROOT), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def numbers_left(tmp_path: Path) -> list[dict[str, int]]:
    return [HighWater.read(path) for path in (tmp_path / "state" / "producers").glob("*")]


def test_atexit_at_the_end_of_a_program(program, collector, tmp_path):
    """A program that runs to its end needs to do nothing; not even high-water files are left."""
    process = program('log.info("last words")\n')
    assert process.wait(20) == 0
    collector.wait_for(message="last words")
    assert collector.wait_for(ledger__final=True)[0]["ledger"]["numbered"] == 1
    assert numbers_left(tmp_path) == []


def test_atexit_after_an_exception_and_after_sys_exit(program, collector):
    """However the interpreter comes to its end."""
    assert program('log.info("before"); raise ValueError("x")\n').wait(20) == 1
    assert program('log.info("before"); sys.exit(3)\n').wait(20) == 3
    assert len(collector.wait_for(2, message="before")) == 2


def test_a_hook_of_somebody_elses_that_logs_later_still_is_heard(program, collector):
    """Hooks registered before ours run after it."""
    program(
        "import atexit; from logging_pipeline.composition import close\n"
        'atexit._clear(); atexit.register(lambda: log.info("late")); atexit.register(close)\n'
        'log.info("early")\n'
    ).wait(20)
    collector.wait_for(message="early")
    collector.wait_for(message="late")


def test_sigterm_ends_a_program_as_before_and_loses_nothing(program, collector):
    """It dies by the signal, as its parent expects, after it has handed over."""
    process = program('log.info("working"); print("ready", flush=True); time.sleep(60)\n')
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == -signal.SIGTERM
    collector.wait_for(message="working")
    assert collector.wait_for(ledger__final=True)


def test_sigterm_amid_logging_does_not_deadlock(program, collector):
    """The signal may come while the main thread holds the buffer's lock."""
    for _ in range(2):
        # A deadlock would end at the deadline, without the final totals.
        busy = 'log.info("busy"); print("ready", flush=True)\nwhile True:\n    log.info("busy")\n'
        process = program(busy, LOGPIPE_BUFFER_MAX_EVENTS="2000", LOGPIPE_CLOSE_TIMEOUT_S="40")
        process.stdout.readline()
        time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == -signal.SIGTERM
    finals = collector.wait_for(2, ledger__category="system", ledger__final=True)
    assert all(field(e, "ledger.numbered") >= field(e, "ledger.shipped") > 0 for e in finals)


def test_a_second_sigterm_ends_it_at_once(program, tmp_path):
    """Who is in a hurry is not held up by an endpoint that does not answer."""
    process = program(
        "from logging_pipeline import entrance\n"
        'entrance.installed()._turn.acquire(); log.info("x"); print("ready", flush=True); time.sleep(60)\n',
    )
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(1) == -signal.SIGTERM
    assert numbers_left(tmp_path) == [{"system": 1}]


def test_closing_at_the_end_has_a_deadline(program, tmp_path):
    """A hand-over that hangs for ever keeps a process no longer than the setting says; the numbers stay."""
    process = program('from logging_pipeline import entrance\n'
                      'entrance.installed()._turn.acquire(); log.info("x")\n', LOGPIPE_CLOSE_TIMEOUT_S="1")  # fmt: skip
    started = time.monotonic()
    assert process.wait(20) == 0
    assert time.monotonic() - started < 10
    assert "still had work" in process.stderr.read()
    assert numbers_left(tmp_path) == [{"system": 1}]


def test_a_programs_own_sigterm_handler_stays(program, collector):
    """gunicorn's and Celery's handlers end the process in their own way, through the other hooks."""
    process = program(
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
        'logging_pipeline.configure(app="shop"); log.info("x"); print("ready", flush=True); time.sleep(60)\n'
    )
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 7
    collector.wait_for(message="x")


def test_logging_in_a_signal_handler_does_not_deadlock(program, collector):
    """A handler that logs interrupts a thread that logs, a thousand times."""
    process = program(
        'signal.signal(signal.SIGALRM, lambda *_: log.info("in the handler"))\n'
        "signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)\n"
        "until = time.monotonic() + 1\n"
        'while time.monotonic() < until: log.info("interrupted")\n'
        "signal.setitimer(signal.ITIMER_REAL, 0)\n"
    )
    assert process.wait(30) == 0
    final = collector.wait_for(ledger__category="system", ledger__final=True)[-1]["ledger"]
    assert final["numbered"] == final["shipped"] + final["dropped"]
    assert collector.events(message="in the handler")


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_child_of_multiprocessing_hands_over_at_its_end(program, collector, tmp_path, method):
    """Such a child skips ``atexit``: `multiprocessing.util.Finalize` is its hook."""
    process = program(
        'if "configured_in_children" not in globals() and __name__ == "__main__":\n'
        f'    method = "{method}"\n'
        '    log.info("in the parent")\n'
        "    context = multiprocessing.get_context(method)\n"
        "    children = [context.Process(target=child, args=(str(n),)) for n in range(3)]\n"
        "    [c.start() for c in children]; [c.join() for c in children]\n",
        "spawn",
    )
    assert process.wait(60) == 0, process.stderr.read()
    events = collector.wait_for(3, message="in the child")
    assert len(events) == 3
    assert len({e["agent"]["ephemeral_id"] for e in events}) == 3
    assert [e["event"]["sequence"] for e in events] == [1, 1, 1]
    assert len(collector.wait_for(message="in the parent")) == 1
    assert numbers_left(tmp_path) == []


def test_a_plain_forks_child_hands_over_by_atexit(program, collector):
    """``os.fork`` and a normal end, as gunicorn's children have it."""
    process = program('log.info("parent")\nif os.fork() == 0:\n    log.info("child")\nelse:\n    os.wait()\n')
    assert process.wait(20) == 0
    assert len(collector.wait_for(message="child")) == 1
    assert len(collector.wait_for(message="parent")) == 1


@pytest.mark.parametrize("way", ["by a broker", "by a broker that refuses", "without a broker"])
def test_handing_over_imports_nothing(program, redis_url, way):
    """
    Everything is imported before the first event.

    Were it left to the flusher, a fork at that moment would leave the child a module that nobody finishes: it would
    never hand over anything, and hang at its end.
    """
    urls = {"by a broker": redis_url, "by a broker that refuses": f"redis://127.0.0.1:{free_port()}/1"}
    there = {"LOGPIPE_REDIS_URL": urls[way], "LOGPIPE_LOGSTASH_TCP": ""} if way in urls else {}
    process = program(
        "from logging_pipeline.entrance import installed\n"
        "before = set(sys.modules)\n"
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    log.exception('failed', customer='a@example.com')\n"
        "installed().flush(20)\n"
        "installed().flush(20)\n"
        "print(*sorted(set(sys.modules) - before))\n",
        DJANGO_SETTINGS_MODULE="tests.tiny_project.settings",
        **there,
    )
    said, complaints = process.communicate(timeout=60)
    assert said.strip() == "", complaints


def test_a_killed_program_leaves_its_numbers(program, collector, tmp_path):
    """What died in memory is known by number."""
    process = program('for n in range(5): log.info("x")\nprint("ready", flush=True); time.sleep(60)\n')
    process.stdout.readline()
    process.kill()
    process.wait()
    assert numbers_left(tmp_path) == [{"system": 5}]
    assert collector.events() == []


def test_without_a_destination_events_are_readable_lines(program):
    """Nothing to set up: standard error, one line each, the trace below, personal data masked."""
    process = program(
        'log.info("order.placed", order_id=17, email="jane@example.com")\n'
        'try: 1 / 0\nexcept ZeroDivisionError: log.exception("it broke")\n'
        'logging.getLogger("library").warning("careful %s", "now")\n',
        LOGPIPE_LOGSTASH_TCP="",
    )
    _, lines = process.communicate(timeout=20)
    assert "info     order.placed  order_id=17 email=[masked]" in lines
    assert "error    it broke" in lines
    assert "    ZeroDivisionError: division by zero" in lines
    assert "warning  careful now" in lines


def test_a_wrong_setting_is_refused_at_start():
    """By name, with the cure, before anything is changed."""
    before = entrance.installed()
    with pytest.raises(ConfigurationError, match=r"LOGPIPE_LEVEL: 'loud' is no level. Use one of debug"):
        logging_pipeline.configure(level="loud")
    assert entrance.installed() is before


def test_who_carries_events_stands_aside(monkeypatch):
    """The log worker and the consumer only read the settings: what they say must not beget more."""
    monkeypatch.setattr(composition, "_standing_aside", False)
    before = entrance.installed()
    with entrance.replaced(before):  # puts it back
        logging_pipeline.stand_aside()
        assert logging_pipeline.configure(app="aside").app == "aside"
        assert entrance.installed() is None
