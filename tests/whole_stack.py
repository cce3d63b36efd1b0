"""The whole embedded stack, as a user starts it, for the tests that need all of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import requests

from stack.leftovers import hold
from stack.ports import free_port
from stack.settings import PROJECT, StackSettings, load
from tests.servers import new_pid_file

START_S = 420.0  # on a busy machine; docs/running.md says what to expect
STOP_S = 150.0
APPEAR_S = 120.0


class Run:
    """`python -m stack run` on free ports, in a folder of its own."""

    def __init__(self, var_dir: Path) -> None:
        ports = [f"LOGPIPE_{name.upper()}" for name in StackSettings.__slots__ if name.startswith("port_")]
        own = {name: str(free_port()) for name in ports} | {"LOGPIPE_VAR_DIR": str(var_dir), "LOGPIPE_DEMO": "off"}
        own["SHOP_PAYMENT_DECLINE_RATE"] = "0"  # a test's card is declined only when the test says so
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
        pid_file = new_pid_file("stack")
        lock = (hold(pid_file),) if pid_file else ()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stack", "run"],
            cwd=PROJECT, env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True, pass_fds=lock,
        )  # fmt: skip
        if pid_file:
            pid_file.write_text(str(self.process.pid))
            os.close(*lock)
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


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + APPEAR_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.3)
