"""
What the pipeline costs a visitor: the shop's pages with it, without it, and with its broker hanging.

    python -m benchmarks.pages [--requests 400] [--rounds 7] [--json FILE]

Three gunicorns serve the same shop from the same database. One request goes to each in turn, in a changing order, so
that a busy machine is busy for all; a round's percentiles are compared with each other, and the median of the rounds
told. Without the pipeline nothing is logged at all, not even to a file.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import re
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.flow_servers import ROOT, cpu_s
from benchmarks.report import report
from stack.child import Child
from stack.ports import free_port
from stack.redis_server import RedisServer, prepare, redis_program

__all__ = ["main"]

WITH, WITHOUT, HANGING = "with the pipeline", "without", "its broker hanging"
WARM_UP = 60  # requests to each
PATIENCE_S = 120


def main() -> None:
    """Run, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=400, help="requests of a round to each of the three")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rounds: dict[str, list[dict[str, float]]] = defaultdict(list)
    with _shops() as shops:
        pages = _pages(shops[WITHOUT])
        _round(shops, pages, WARM_UP, random.Random(0))
        for number in range(arguments.rounds):
            for name, row in _round(shops, pages, arguments.requests, random.Random(number + 1)).items():
                rounds[name].append(row)
    table = {name: {column: statistics.median(run[column] for run in runs) for column in runs[0]}
             for name, runs in rounds.items()}  # fmt: skip
    for row in table.values():
        row |= {f"{column} to without": row[column] / table[WITHOUT][column] for column in table[WITHOUT]
                if not column.endswith("without")}  # fmt: skip
    _print(table)
    report(table, arguments.json)


@dataclass
class _Shop:
    """One gunicorn, with a connection that is kept."""

    port: int
    pid: int

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def hang_up(self) -> None:
        """The next request makes a new connection."""
        self._connection.close()

    def get(self, path: str) -> bytes:
        """The page at *path*; anything but 200 ends the run."""
        self._connection.request("GET", path, headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/127.0"})
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"benchmarks.pages: {path} answered {answer.status}")
        return body


@contextmanager
def _shops() -> Iterator[dict[str, _Shop]]:
    folder = Path(tempfile.mkdtemp(prefix="logpipe-pages-"))
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("LOGPIPE_", "SHOP_", "DJANGO_"))},
        "SHOP_STATE_DIR": str(folder),
        "SHOP_SECRET_KEY": secrets.token_urlsafe(48),
        "LOGPIPE_HASH_KEY": secrets.token_urlsafe(48),
        "LOGPIPE_STATE_DIR": str(folder / "logpipe"),
        "SHOP_STAFF_PASSWORD": secrets.token_urlsafe(16),
        "SHOP_CUSTOMER_PASSWORD": secrets.token_urlsafe(16),
    }
    with ExitStack() as ends:
        ends.callback(shutil.rmtree, folder)
        working, hanging = (ends.enter_context(_redis(folder / name)) for name in ("working", "hanging"))
        settings = {"DJANGO_SETTINGS_MODULE": "shopapp.config.settings", "LOGPIPE_REDIS_URL": working[1]}
        for command in (("migrate", "--no-input", "--verbosity=0"), ("seed",), ("collectstatic", "--no-input")):
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT, env={**environ, **settings}, check=True, capture_output=True,
            )  # fmt: skip
        worker = [sys.executable, "-m", "celery", "--app=celery_workers.logs:app", "worker", "--concurrency=1"]
        ends.enter_context(_process(worker, {**environ, **settings}, folder / "worker.log"))
        shops = {
            WITH: ends.enter_context(_shop({**environ, **settings}, folder / "with.log")),
            WITHOUT: ends.enter_context(
                _shop({**environ, "DJANGO_SETTINGS_MODULE": "benchmarks.pages_without"}, folder / "without.log")
            ),
            HANGING: ends.enter_context(
                _shop({**environ, **settings, "LOGPIPE_REDIS_URL": hanging[1]}, folder / "hanging.log")
            ),
        }
        hanging[0].pause()
        ends.callback(hanging[0].resume)
        yield shops


@contextmanager
def _redis(folder: Path) -> Iterator[tuple[Child, str]]:
    server = RedisServer(folder, free_port(), secrets.token_urlsafe(16))
    prepare(server)
    child = Child(redis_program(server), folder / "output.log")
    child.wait_until_healthy()
    try:
        yield child, server.url(1)
    finally:
        child.stop()


@contextmanager
def _process(command: list[str], environ: dict[str, str], output: Path) -> Iterator[int]:
    with output.open("wb") as file:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=file, stderr=file)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def _shop(environ: dict[str, str], output: Path) -> Iterator[_Shop]:
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "shopapp.config.wsgi:application", f"--bind=127.0.0.1:{port}", "--workers=1",
        "--threads=2", "--keep-alive=60", "--no-control-socket", "--log-level=warning",
    ]  # fmt: skip
    with _process(command, environ, output) as pid:
        shop = _Shop(port, pid)
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                shop.get("/healthz/")
                break
            except OSError:
                shop.hang_up()
                if time.monotonic() > deadline:
                    raise SystemExit(f"benchmarks.pages: no answer:\n{output.read_text()[-2_000:]}") from None
                time.sleep(0.2)
        yield shop


def _pages(shop: _Shop) -> list[str]:
    """A visit: the home page, what it leads to, a search, the cart."""
    home = shop.get("/").decode()
    links = sorted(set(re.findall(r'href="(/(?:product|category)/[^"?#]+/)"', home)))
    products = [link for link in links if link.startswith("/product/")][:4]
    categories = [link for link in links if link.startswith("/category/")][:2]
    return ["/", *categories, *products, "/search/?q=pan", "/cart/"]


def _round(
    shops: dict[str, _Shop], pages: list[str], requests: int, chance: random.Random
) -> dict[str, dict[str, float]]:
    before = {name: cpu_s(shop.pid) for name, shop in shops.items()}
    taken: dict[str, list[float]] = defaultdict(list)
    for number in range(requests):
        for name in chance.sample(sorted(shops), len(shops)):
            began = time.perf_counter()
            shops[name].get(pages[number % len(pages)])
            taken[name].append((time.perf_counter() - began) * 1e3)
    rows = {}
    for name, milliseconds in taken.items():
        ordered = sorted(milliseconds)
        cpu_ms = (cpu_s(shops[name].pid) - before[name]) / requests * 1e3
        rows[name] = {
            "p50_ms": ordered[len(ordered) // 2],
            "p99_ms": ordered[int(len(ordered) * 0.99)],
            "cpu_ms": cpu_ms,
        }
    return rows


def _print(table: dict[str, dict[str, float]]) -> None:
    columns = (f"{unit:>9}{'ratio':>7}" for unit in ("p50 ms", "p99 ms", "CPU ms"))
    print(f"{'a page, median of the rounds':<30}{''.join(columns)}")
    for name, row in table.items():
        cells = (f"{row[column]:>9.2f}{row[f'{column} to without']:>7.2f}" for column in ("p50_ms", "p99_ms", "cpu_ms"))
        print(f"{name:<30}{''.join(cells)}")


if __name__ == "__main__":
    main()
