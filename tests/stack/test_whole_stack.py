"""The promise of the first command: everything starts, works, survives, and stops without losing an event."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from stack.leftovers import is_held
from stack.ports import free_port, is_free
from stack.settings import PROJECT, StackSettings, load

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

START_S = 300.0  # on a busy machine; docs/running.md says what to expect
STOP_S = 150.0
APPEAR_S = 60.0


class Run:
    """`python -m stack run` on free ports, in a folder of its own."""

    def __init__(self, var_dir: Path) -> None:
        ports = [f"LOGPIPE_{name.upper()}" for name in StackSettings.__slots__ if name.startswith("port_")]
        own = {name: str(free_port()) for name in ports} | {"LOGPIPE_VAR_DIR": str(var_dir), "LOGPIPE_DEMO": "off"}
        self.environ = {**os.environ, **own}
        self.settings = load(self.environ)
        self.web = f"http://127.0.0.1:{self.settings.port_web}"
        self.console = f"http://127.0.0.1:{self.settings.port_console}"
        self.lines: list[str] = []

    def command(self, name: str) -> subprocess.CompletedProcess[str]:
        """`python -m stack NAME`, for the same stack."""
        return subprocess.run(
            [sys.executable, "-m", "stack", name],
            cwd=PROJECT, env=self.environ, capture_output=True, text=True, timeout=STOP_S,
        )  # fmt: skip

    def start(self) -> None:
        self.lines.clear()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stack", "run"],
            cwd=PROJECT, env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.wait_for("Stop ", START_S)

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(STOP_S)
        self._reader.join()
        return code

    def wait_for(self, words: str, patience_s: float) -> str:
        deadline = time.monotonic() + patience_s
        while True:
            for line in list(self.lines):
                if words in line:
                    return line
            assert self.process.poll() is None or words in "".join(self.lines), "".join(self.lines)
            assert time.monotonic() < deadline, f"{words!r} did not appear:\n{''.join(self.lines)}"
            time.sleep(0.1)

    def password_of(self, person: str) -> tuple[str, str]:
        """E-mail and password, as printed."""
        match = re.search(rf"^  {person}\s+(\S+)\s+password (\S+)$", "".join(self.lines), re.MULTILINE)
        assert match, "".join(self.lines)
        return match[1], match[2]

    def stored(self, **terms: str) -> int:
        """How many http events with these fields Elasticsearch has; asked as the console asks."""
        words = dict(line.split("=", 1) for line in (self.settings.var_dir / "secrets").read_text().splitlines())
        answer = requests.get(
            f"http://127.0.0.1:{self.settings.port_elasticsearch}/logs-shop.http-default/_count",
            auth=("logpipe_reader", words["LOGPIPE_READER_PASSWORD"]),
            json={"query": {"bool": {"filter": [{"term": {name: value}} for name, value in terms.items()]}}},
            timeout=10,
        )
        answer.raise_for_status()
        return int(answer.json()["count"])

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    folder = Path(tempfile.mkdtemp(prefix="logpipe-run-"))
    folder.chmod(0o755)  # Elasticsearch's account has to reach its own folder below
    run = Run(folder)
    try:
        run.start()
        yield run
    finally:
        run.command("stop")
        shutil.rmtree(folder)


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
    answer = run.command("status")
    assert answer.returncode == 0, answer.stdout
    for name in ("redis", "elasticsearch", "consumer", "logs-worker", "shop-worker", "beat", "console", "web"):
        assert re.search(rf"^{name}\s+healthy\s+pid \d+$", answer.stdout, re.MULTILINE), answer.stdout
    for name in ("setup", "retention", "static", "migrate", "seed"):
        assert re.search(rf"^{name}\s+done", answer.stdout, re.MULTILINE), answer.stdout


def test_env_gives_a_shell_what_it_needs(run: Run):
    """After `eval "$(make -s env)"` the operator's commands work."""
    exports = run.command("env").stdout
    script = f'{exports}\nexec "{Path(sys.executable).with_name("logpipe")}" doctor'
    answer = subprocess.run(["bash", "-c", script], cwd=PROJECT, capture_output=True, text=True, timeout=60)
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


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + APPEAR_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.3)
