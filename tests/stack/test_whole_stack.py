"""The promise of the first command: everything starts, works, survives, and stops without losing an event."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
import requests

from stack.leftovers import is_held
from stack.ports import is_free
from stack.settings import PROJECT
from tests.whole_stack import Run, until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]


def test_shop_and_console_answer(run: Run):
    """The printed addresses lead to the shop, and to a console that asks strangers to log in."""
    assert "Pine &amp; Kettle" in requests.get(f"{run.web}/", timeout=10).text
    page = requests.get(f"{run.console}/ops/logs/", timeout=10)
    assert page.history[0].status_code == 302
    assert 'type="password"' in page.text


def test_the_printed_staff_account_sees_an_event_of_the_shop(run: Run):
    """Who follows the printed lines finds a page view of the shop in the console."""
    trace_id = os.urandom(16).hex()
    requests.get(f"{run.web}/", headers=trace(trace_id), timeout=10).raise_for_status()
    email, password = run.password_of("Staff")
    with requests.Session() as browser:
        login = browser.get(f"{run.console}/ops/logs/", timeout=10)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', login.text)
        assert token
        form = {"csrfmiddlewaretoken": token[1], "username": email, "password": password}
        assert browser.post(login.url, form, timeout=10).url == f"{run.console}/ops/logs/"
        until(lambda: run.stored(**{"trace.id": trace_id}) == 1)
        page = browser.get(f"{run.console}/ops/logs/trace/", params={"id": trace_id}, timeout=10)
    assert page.status_code == 200
    assert "http.request" in page.text


def test_status_names_every_program(run: Run):
    """`status` says that all is well, with an exit code for scripts."""
    until(lambda: run.command("status").returncode == 0)  # retention ends a little later
    answer = run.command("status")
    for name in ("redis", "elasticsearch", "consumer", "logs-worker", "shop-worker", "beat", "console", "web"):
        assert re.search(rf"^{name}\s+healthy\s+pid \d+$", answer.stdout, re.MULTILINE), answer.stdout
    for name in ("setup", "retention", "static", "migrate", "seed"):
        assert re.search(rf"^{name}\s+done", answer.stdout, re.MULTILINE), answer.stdout


def test_env_gives_a_shell_what_it_needs(run: Run):
    """After `eval "$(make -s env)"` the operator's commands are found, and work."""
    script = f"{run.command('env').stdout}\nexec logpipe doctor"
    bare = {"PATH": os.defpath}
    answer = subprocess.run(["bash", "-c", script], cwd=PROJECT, env=bare, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_a_second_run_in_the_same_folder_is_refused_in_one_line(run: Run):
    """Two stacks never share data."""
    answer = run.command("run")
    assert answer.returncode == 2
    assert re.fullmatch(r"stack: The stack is running already, as process \d+\. .*make stop.*\n", answer.stderr)


def test_no_secret_is_on_a_command_line_or_in_a_log(run: Run):
    """Neither the process list nor what the programs printed gives a password away."""
    words = [line.split("=", 1)[1] for line in (run.settings.var_dir / "secrets").read_text().splitlines()]
    places = [*Path("/proc").glob("[0-9]*/cmdline"), *(run.settings.var_dir / "log").iterdir()]
    for place in places:
        try:
            text = place.read_text(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue  # that process has just ended
        assert not any(word in text for word in words), place


def test_a_killed_worker_is_restarted_and_no_event_is_lost(run: Run):
    """While the consumer is dead events wait; it comes back by itself and stores them."""
    trace_id = os.urandom(16).hex()
    status = run.command("status").stdout
    pid = re.search(r"^consumer\s+healthy\s+pid (\d+)", status, re.MULTILINE)
    assert pid
    os.kill(int(pid[1]), signal.SIGKILL)
    for _ in range(5):
        requests.get(f"{run.web}/", headers=trace(trace_id), timeout=10)
    run.wait_for("ended with -9; restarting in 1 s", 20)
    until(lambda: run.stored(**{"trace.id": trace_id}) == 5)


def test_ctrl_c_stops_all_and_the_next_run_finds_everything(run: Run):
    """Ctrl-C ends every process well; what was logged just before is in Elasticsearch after the next start."""
    trace_id = os.urandom(16).hex()
    for _ in range(20):
        requests.get(f"{run.web}/", headers=trace(trace_id), timeout=10)
    assert run.interrupt() == 0, "".join(run.lines)
    stopped = [line.split()[1] for line in run.lines if " stopped after " in line]
    assert stopped == ["web", "console", "beat", "shop-worker", "logs-worker", "consumer", "elasticsearch", "redis"]
    assert not any("still wait" in line or "killed" in line for line in run.lines), "".join(run.lines)
    assert all(is_free(port) for port in run.settings.ports.values())
    assert not any(is_held(pid_file) for pid_file in (run.settings.var_dir / "run").glob("*.pid"))

    passwords = run.password_of("Staff"), run.password_of("Customer")
    run.start()
    assert (run.password_of("Staff"), run.password_of("Customer")) == passwords
    until(lambda: run.stored(**{"trace.id": trace_id}) == 20)


def trace(trace_id: str) -> dict[str, str]:
    """The header by which a request's events are found again."""
    return {"traceparent": f"00-{trace_id}-{'1' * 16}-01"}
