"""Runs the tiny project under real servers, its events going to a `Collector`."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from stack.ports import free_port
from tests.collector import Collector

ROOT = Path(__file__).parents[2]


class Server:
    """A process of the tiny project."""

    def __init__(self, folder: Path, collector: Collector, *command: str, **environ: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._output = (folder / "output.log").open("w+b")
        self.process = subprocess.Popen(  # a server of the test's own
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env={**clean_environ(), **pipeline_environ(folder, collector), **environ},
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    @property
    def output(self) -> str:
        """What it printed so far."""
        return (self.folder / "output.log").read_text()

    def wait_for_output(self, text: str, times: int = 1, timeout_s: float = 60) -> None:
        """Wait until it, or its children side by side, printed *text* so many times."""
        deadline = time.monotonic() + timeout_s
        while self.output.count(text) < times:
            assert time.monotonic() < deadline, self.output
            assert self.process.poll() is None, self.output
            time.sleep(0.02)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send the signal and wait for the end; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"did not end:\n{self.output}") from None
        finally:
            self._output.close()


class WebServer(Server):
    """One that answers requests."""

    def __init__(self, folder: Path, collector: Collector, *command: str, **environ: str) -> None:
        self.port = free_port()
        super().__init__(
            folder, collector, *(part.format(port=self.port) for part in command),
            DJANGO_SETTINGS_MODULE="tests.tiny_project.settings", **environ,
        )  # fmt: skip
        self._wait()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body, as far as it came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            response = connection.getresponse()
            try:
                return response.status, response.headers, response.read()
            except http.client.IncompleteRead as cut:
                return response.status, response.headers, cut.partial
        finally:
            connection.close()

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                self.get("/hello/start/")
                return
            except OSError:
                assert time.monotonic() < deadline, self.output
                assert self.process.poll() is None, self.output
                time.sleep(0.05)


def clean_environ() -> dict[str, str]:
    """This process' environment without anybody's settings of the pipeline."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("LOGPIPE_", "DJANGO_"))}


def pipeline_environ(folder: Path, collector: Collector) -> dict[str, str]:
    """Settings with which events reach *collector* soon."""
    return {
        "LOGPIPE_LOGSTASH_TCP": collector.address,
        "LOGPIPE_STATE_DIR": str(folder / "state"),
        "LOGPIPE_FLUSH_INTERVAL_S": "0.05",
        "PYTHONUNBUFFERED": "1",
    }
