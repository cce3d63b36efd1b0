"""
How fast the console is over many events: ``python -m benchmarks.console [--events N] [--rounds N] [--json FILE]``.

A real Elasticsearch with the stack's own options is loaded with a shop's events of ten days. Then, round by round, each
dashboard and each log search, as Django's test client gets its whole page (session, permissions, queries, drawing,
template), and the same queries alone, sent by the same client; which of both comes first is left to chance. The request
cache is off, and every page and every query alone has a range of its own. Goals: a dashboard below 1 s and at most 1.2
times its bare queries (median by median), a page of the log search below 300 ms.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import random
import re
import secrets
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson
from elasticsearch import Elasticsearch

from benchmarks.report import report
from logging_pipeline.indexes import READER, SETUP, WRITER
from stack.account import unprivileged_account
from stack.child import Child
from stack.distribution import install
from stack.elasticsearch_server import Node, elasticsearch_program, prepare
from stack.java import find_java_home
from stack.ports import free_port
from stack.settings import PROJECT, load

__all__ = ["main"]

NAMESPACE = "bench"
DASHBOARD_GOAL_MS, DASHBOARD_RATIO_GOAL, SEARCH_GOAL_MS = 1_000.0, 1.2, 300.0
WARM_UP = 2
DEEP = 100  # the page of the log search that is looked at


@dataclass
class Subject:
    """
    A page that is measured.

    Args:
        get: asks for it, each time in another range.
        goal_ms: the most that the whole page may take.
        ratio_goal: how many times as long as its bare queries it may take; infinite: no goal.
        queries: what it asked of Elasticsearch when it was warmed up.
        page_ms: how long it took, each time.
        bare_ms: how long its queries took alone.
    """

    name: str
    get: Callable[[], None]
    goal_ms: float
    ratio_goal: float = math.inf
    queries: list[Query] = field(default_factory=list)
    page_ms: list[float] = field(default_factory=list)
    bare_ms: list[float] = field(default_factory=list)

    def warm_up(self, recorder: Recorder) -> None:
        """Get it, and remember its queries."""
        recorder.queries.clear()
        self.get()
        self.queries = list(recorder.queries)

    def round(self) -> None:
        """Get it once, and its queries once alone."""
        for what, taken in random.sample([(self.get, self.page_ms), (self._bare, self.bare_ms)], 2):
            began = time.perf_counter()
            what()
            taken.append((time.perf_counter() - began) * 1_000)

    def _bare(self) -> None:
        for query in self.queries:
            query.send()

    def result(self) -> dict[str, Any]:
        """Medians, 95th percentiles, the ratio of the medians, and whether the goals are met."""
        times = {"page": self.page_ms, "bare": self.bare_ms}
        medians = {name: statistics.median(taken) for name, taken in times.items()}
        p95 = {name: sorted(taken)[math.ceil(0.95 * len(taken)) - 1] for name, taken in times.items()}
        ratio = medians["page"] / medians["bare"]
        met = medians["page"] < self.goal_ms and ratio <= self.ratio_goal
        return {"median_ms": medians, "p95_ms": p95, "ratio": ratio, "goal_ms": self.goal_ms, "met": met}


def main(arguments: list[str] | None = None) -> None:
    """Load, measure, print, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _end)
    with _elasticsearch() as (node, passwords), tempfile.TemporaryDirectory() as state:
        _set_up_django(node.url, passwords, state)
        loaded = _load(node.url, passwords, options.events)
        print(f"{loaded['events']:,} events, {loaded['bytes'] / 1e9:.2f} GB stored, in {loaded['seconds']:.0f} s")
        recorder = Recorder()
        subjects = [*_dashboards(), *_searches(recorder)]
        for _round in range(WARM_UP):
            for subject in subjects:
                subject.warm_up(recorder)
        recorder.close()
        for _round in range(options.rounds):
            for subject in random.sample(subjects, len(subjects)):
                subject.round()
    results = {subject.name: subject.result() for subject in subjects}
    _print(results)
    report({"loaded": loaded, "rounds": options.rounds, "results": results}, options.json)


def _end(*_: object) -> None:
    """End in good order, so that no server is left behind; asked again, go on with that."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(143)


@contextlib.contextmanager
def _elasticsearch() -> Iterator[tuple[Node, dict[str, str]]]:
    """A node as the stack runs it, in a folder that goes away."""
    settings, account = load(), unprivileged_account()
    folder = Path(tempfile.mkdtemp(prefix="logpipe-bench-"))
    folder.chmod(0o755)
    node = Node(
        home=install(settings.cache_dir, mirror=settings.maven_mirror),
        folder=folder / "elasticsearch",
        port=free_port(),
        java_home=find_java_home(account, settings.java_home),
        account=account,
    )
    passwords = {user: secrets.token_urlsafe(24) for user in (SETUP, WRITER, READER)}
    prepare(node, "shop", passwords)
    child = Child(elasticsearch_program(node, SETUP, passwords[SETUP]), folder / "output.log")
    try:
        child.wait_until_healthy()
        yield node, passwords
    finally:
        child.stop()
        shutil.rmtree(folder)


def _set_up_django(url: str, passwords: dict[str, str], state: str) -> None:
    """The shop's own settings, with the reader's account, and somebody who sees everything."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "shopapp.config.settings",
        "SHOP_SECRET_KEY": secrets.token_urlsafe(48),
        "SHOP_STATE_DIR": state,
        "SHOP_ALLOWED_HOSTS": "testserver",
        "LOGPIPE_NAMESPACE": NAMESPACE,
        "LOGPIPE_REDIS_URL": "",
        "LOGPIPE_CONSOLE": "off",
        "LOGPIPE_ELASTICSEARCH_URL": url,
        "LOGPIPE_ELASTICSEARCH_USER": READER,
        "LOGPIPE_ELASTICSEARCH_PASSWORD": passwords[READER],
    }
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _load(url: str, passwords: dict[str, str], count: int) -> dict[str, float]:
    from benchmarks.console_events import bulk_bodies
    from logging_pipeline.composition import configure  # noqa: F401  # the settings come from the shop's
    from logging_pipeline.contract import contract
    from logging_pipeline.indexes import setup
    from logging_pipeline.settings import configured

    with Elasticsearch(url, basic_auth=(SETUP, passwords[SETUP]), request_timeout=300) as admin:
        setup(admin, configured(), contract())
        began, sent = time.perf_counter(), 0
        with Elasticsearch(url, basic_auth=(WRITER, passwords[WRITER]), request_timeout=300) as writer:
            for body in bulk_bodies(count, datetime.now(UTC), NAMESPACE):
                answer = writer.bulk(body=body)
                assert not answer["errors"], next(item for item in answer["items"] if item["create"]["status"] >= 300)
                sent += len(answer["items"])
                print(f"\r{sent:,} events", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        pattern = f"logs-shop.*-{NAMESPACE}"
        admin.indices.refresh(index=pattern)
        stored = admin.indices.stats(index=pattern, metric="store")["_all"]["primaries"]["store"]["size_in_bytes"]
    return {"events": sent, "bytes": stored, "seconds": time.perf_counter() - began}


class Query(NamedTuple):
    """A request that the console sent to Elasticsearch: *more* are the parameters, headers and body."""

    client: Elasticsearch
    method: str
    path: str
    more: dict[str, Any]

    def send(self) -> Any:
        """Send it again, its range a fraction of a second elsewhere."""
        body = self.more["body"]
        text = body if isinstance(body, bytes) else orjson.dumps(body)
        fresh = _SECONDS.sub(rb"\1.%06dZ" % random.randrange(1_000_000), text)
        return self.client.perform_request(self.method, self.path, **{**self.more, "body": fresh})


_SECONDS = re.compile(rb"(T\d\d:\d\d:\d\d)(?:\.\d+)?Z")


class Recorder:
    """Remembers what the console asks of Elasticsearch, until it is closed."""

    def __init__(self) -> None:
        self.queries: list[Query] = []
        self.send = Elasticsearch.perform_request
        recorder = self

        def perform(client: Elasticsearch, method: str, path: str, **more: Any) -> Any:
            recorder.queries.append(Query(client, method, path, more))
            return recorder.send(client, method, path, **more)

        Elasticsearch.perform_request = perform  # type: ignore[method-assign]

    def close(self) -> None:
        Elasticsearch.perform_request = self.send  # type: ignore[method-assign]


def _dashboards() -> list[Subject]:
    from logging_pipeline.dashboards.definitions import load_folder
    from logging_pipeline.dashboards.window import Window

    browser = _browser()

    def subject(dashboard: Any) -> Subject:
        def page() -> None:
            window = Window.last(dashboard.time, _fresh(datetime.now(UTC)))
            query = urlencode({"from": _iso(window.start), "to": _iso(window.end)})
            assert browser.get(f"/ops/dashboards/{dashboard.id}/?{query}").status_code == 200

        return Subject(f"dashboard {dashboard.id}", page, DASHBOARD_GOAL_MS, DASHBOARD_RATIO_GOAL)

    return [subject(dashboard) for dashboard in load_folder(PROJECT / "dashboards/definitions")]


def _searches(recorder: Recorder) -> list[Subject]:
    browser = _browser()
    kinds = {
        "first page": {},
        "filter": {"category": "http", "level": "error", "filter": "http.response.status_code:500"},
        "free text": {"q": "kettle parcel"},
        "KQL": {"q": "http.response.status_code >= 400 and not url.section: home"},
        f"page {DEEP}": {},
    }

    def link(parameters: dict[str, str], since: datetime, until: datetime) -> str:
        return f"/ops/logs/?{urlencode({**parameters, 'from': _iso(since), 'to': _iso(until)})}"

    def subject(name: str, parameters: dict[str, str]) -> Subject:
        until = datetime.now(UTC)
        if name == f"page {DEEP}":
            first = link(parameters, until - timedelta(days=1), until)
            parameters = {"after": _after(recorder, lambda: browser.get(first))}

        def page() -> None:
            since = _fresh(until - timedelta(days=1))
            assert browser.get(link(parameters, since, until)).status_code == 200

        return Subject(f"log search, {name}", page, SEARCH_GOAL_MS)

    return [subject(name, parameters) for name, parameters in kinds.items()]


def _browser() -> Any:
    from django.contrib.auth import get_user_model
    from django.test import Client

    user, _ = get_user_model().objects.get_or_create(
        email="bench@example.com", defaults={"is_staff": True, "is_superuser": True, "is_active": True}
    )
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def _after(recorder: Recorder, first_page: Callable[[], Any]) -> str:
    """The place at which page `DEEP` begins, asked for in one step."""
    from logging_pipeline.console.cursor import pack
    from logging_pipeline.console.selectors import PAGE_EVENTS

    first_page()
    query = next(each for each in reversed(recorder.queries) if each.path.endswith("/_search"))
    body = {**query.more["body"], "aggs": {}, "from": (DEEP - 1) * PAGE_EVENTS - 1, "size": 1}
    hits = query._replace(more={**query.more, "body": body}).send()["hits"]["hits"]
    assert hits, f"there are no {DEEP} pages of a day: load more events"
    return pack(hits[0]["sort"])


def _fresh(moment: datetime) -> datetime:
    """*moment*, a little earlier each time: no cache of any kind has seen the range."""
    return moment - timedelta(milliseconds=random.uniform(1, 60_000))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _print(results: dict[str, dict[str, Any]]) -> None:
    print(f"{'median (p95), ms':<28}{'page':>16}{'bare':>16}{'ratio':>8}{'goal':>8}")
    for name, result in results.items():
        page, bare = (f"{result['median_ms'][each]:.0f} ({result['p95_ms'][each]:.0f})" for each in ("page", "bare"))
        print(f"{name:<28}{page:>16}{bare:>16}{result['ratio']:>8.2f}{'met' if result['met'] else 'MISSED':>8}")


if __name__ == "__main__":
    main()
