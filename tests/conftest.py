"""Real servers for the tests: started when the first test asks, on free ports, ended with the session."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from xdist.scheduler import LoadScopeScheduling

from stack.leftovers import end_leftovers
from tests.bad_days.pipeline import Pipeline, make_streams
from tests.bad_days.table import table
from tests.servers import RUN_DIR, ElasticsearchServer, RedisProcess
from tests.whole_stack import Run


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest -m kibana --kibana-url URL`` asks a real Kibana; its key is LOGPIPE_KIBANA_API_KEY."""
    parser.addoption("--kibana-url", default="", help="A real Kibana that may be written to.")


def pytest_configure(config: pytest.Config) -> None:
    """Name a folder for the pid files of all servers, whichever process of the tests starts them."""
    if not hasattr(config, "workerinput"):
        os.environ[RUN_DIR] = tempfile.mkdtemp(prefix="logpipe-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what a test, or a process of the tests that was broken off, has left running."""
    if not hasattr(config, "workerinput"):
        folder = Path(os.environ.pop(RUN_DIR))
        end_leftovers(folder, lambda name, what: print(f"{name}: {what}"))
        folder.rmdir()


WHOLE_STACK = ("tests/browser/test_journey.py", "tests/browser/test_operations.py", "tests/stack/test_whole_stack.py")
LONG = ("bad days", "soak", "whole stack")
"""Groups that begin first, where tests run in several processes."""


def group_of(nodeid: str) -> str:
    """Which tests stay in one process: those of a file, and those that share what takes long to start."""
    file = nodeid.partition("::")[0]
    if file in WHOLE_STACK:
        return "whole stack"
    if file.startswith("tests/bad_days/"):
        return "bad days"
    return "soak" if file == "tests/soak/test_soak.py" else file


class ByGroup(LoadScopeScheduling):
    """Hands out the tests of a group together, in the order of their collection."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByGroup:
    """With ``--numprocesses``."""
    return ByGroup(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long groups first, so that no process is left with one of them at the end."""
    groups = {item: group_of(item.nodeid) for item in items}
    items.sort(key=lambda item: LONG.index(groups[item]) if groups[item] in LONG else len(LONG))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what tests have put into their `user_properties`, in whichever process they ran."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    ended = [report for report in reports if getattr(report, "when", "") == "teardown"]
    told = [(name, value) for report in ended for name, value in report.user_properties]
    sections = {
        "Accounting of the bad days": table([value for name, value in told if name == "bad day"]),
        "Soak": [line for name, lines in told if name == "soak" for line in lines],
    }
    for title, lines in sections.items():
        if lines:
            terminalreporter.section(title)
            for line in lines:
                terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisProcess]:
    """A real Redis protocol server with a password; `redis_url` is what most tests want."""
    folder = Path(tempfile.mkdtemp(prefix="logpipe-redis-"))
    server = RedisProcess(folder)
    server.start()
    yield server
    server.kill()
    shutil.rmtree(folder)


@pytest.fixture
def redis_url(redis_server: RedisProcess) -> str:
    """The address of database 1, the logs', of a server that is running and empty."""
    redis_server.resume()
    if not redis_server.running:
        redis_server.start()
    with redis.Redis.from_url(redis_server.url(0)) as client:
        client.flushall()
        client.config_set("maxmemory", "1gb")
    return redis_server.url(1)


@pytest.fixture(scope="session")
def elasticsearch_process() -> Iterator[ElasticsearchServer]:
    """One real Elasticsearch for the session."""
    folder = Path(tempfile.mkdtemp(prefix="logpipe-elasticsearch-"))
    server = ElasticsearchServer(folder)
    server.start()
    yield server
    server.kill()
    shutil.rmtree(folder)


@pytest.fixture
def elasticsearch_server(elasticsearch_process: ElasticsearchServer) -> ElasticsearchServer:
    """
    A real Elasticsearch with security on, running. What earlier tests stored is still there: use `namespace`.

    Attributes and methods: `url`, `user(name)`, `client(name)`, `stop()`, `kill()`, `start()`, `pause()`, `resume()`.
    """
    elasticsearch_process.resume()
    if not elasticsearch_process.running:
        elasticsearch_process.start()
    return elasticsearch_process


@pytest.fixture
def namespace() -> str:
    """The name of data streams that no other test writes to: ``logs-shop.<category>-<namespace>``."""
    return f"test_{secrets.token_hex(4)}"


@pytest.fixture(scope="session")
def chromium() -> Iterator[webdriver.Chrome]:
    """A headless Chromium; tests share it, so each begins by opening its own page with its own cookies."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not browser or not driver:
        pytest.fail("Chromium is not installed: apt-get install chromium chromium-driver", pytrace=False)
    profile = tempfile.mkdtemp(prefix="logpipe-chromium-")
    options = Options()
    options.binary_location = browser
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,900",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    window = webdriver.Chrome(options=options, service=Service(driver))
    yield window
    window.quit()
    shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture(scope="session")
def pipeline(elasticsearch_process: ElasticsearchServer) -> Iterator[Pipeline]:
    """For faults: Redis, a log worker, a consumer, and a front before Elasticsearch; begin with `make_whole()`."""
    folder = Path(tempfile.mkdtemp(prefix="logpipe-pipeline-"))
    if not elasticsearch_process.running:
        elasticsearch_process.start()
    parts = Pipeline(folder, elasticsearch_process, make_streams(elasticsearch_process))
    yield parts
    parts.end()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def run() -> Iterator[Run]:
    """The whole stack, by `python -m stack run` on free ports, in a folder that goes away."""
    folder = Path(tempfile.mkdtemp(prefix="logpipe-run-"))
    folder.chmod(0o755)  # Elasticsearch's account has to reach its own folder below
    stack = Run(folder)
    try:
        stack.start()
        yield stack
    finally:
        stack.command("stop")
        shutil.rmtree(folder)
