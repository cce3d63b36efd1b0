"""Pipelines that run, on threads of the test's own process, over real servers."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from logging_pipeline.contract import contract
from logging_pipeline.indexes import setup
from logging_pipeline.logstash_engine.running.run import run_pipelines
from logging_pipeline.settings import Settings

Run = Callable[..., Any]


def wait_until(condition: Callable[[], Any], timeout_s: float = 30.0) -> Any:
    """What *condition* returns when that is true at last."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f"not within {timeout_s} s: {condition}")


@pytest.fixture(scope="module")
def streams(elasticsearch_process: Any) -> str:
    """The namespace of data streams that the tests of a module share."""
    name = f"running_{secrets.token_hex(4)}"
    with elasticsearch_process.client("logpipe_setup") as admin:
        setup(admin, Settings(app="shop", namespace=name), contract())
    return name


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run pipelines by their configurations' texts, until the block ends."""

    @contextmanager
    def running(settings: Settings, **pipelines: str) -> Iterator[None]:
        entries = []
        for name, text in pipelines.items():
            (tmp_path / f"{name}.conf").write_text(text)
            entries.append(f"- pipeline.id: {name}\n  path.config: {name}.conf\n")
        (tmp_path / "pipelines.yml").write_text("".join(entries))
        stop = threading.Event()
        outcome: list[Any] = []

        def target() -> None:
            try:
                outcome.append(run_pipelines(tmp_path / "pipelines.yml", settings, stop=stop))
            except Exception as error:  # noqa: BLE001  # raised in the test's thread below
                outcome.append(error)

        thread = threading.Thread(target=target)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(30)
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        assert outcome == [0]

    return running
