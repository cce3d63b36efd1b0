"""Bad days of processes: those that log, the log worker and the consumer are killed at the worst moment."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest
import requests

from logging_pipeline import ranges
from stack import checks
from stack.ports import free_port
from tests.bad_days.day import Day
from tests.bad_days.pipeline import Part, until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


def test_a_producer_killed(day: Day):
    """`kill -9` of who logs costs what was in its memory and no more; reconcile knows the number."""
    emitter = day.emitter("--flush-every=0.2")
    emitter.wait_for(1_000)
    emitter.kill()
    day.quiet()
    verdict = day.account()
    lost = sum(map(ranges.size, verdict.lost.values()))
    assert lost <= 1_000, "nothing that was acknowledged, or it would not have come so far"


def test_a_log_worker_killed_in_the_middle_of_a_task(day: Day):
    """The batch in its hands is delivered again, and streamed once."""
    emitter = day.emitter()
    emitter.wait_for(300)
    with day.pipeline.client() as client:
        for _ in range(3):
            streamed = len(client.keys("logs:batch:*"))
            until(lambda before=streamed: len(client.keys("logs:batch:*")) > before)  # the child is at work
            (child,) = day.pipeline.worker.children
            os.kill(child, signal.SIGSTOP)
            until(lambda: client.hlen("unacked"))
            os.kill(child, signal.SIGKILL)
            emitter.wait_for(emitter.said() + 200)
            until(lambda gone=child: day.pipeline.worker.children not in ([], [gone]))
    day.quiet()
    verdict = day.account()
    assert verdict.stored == verdict.said


def test_a_log_worker_told_to_end_without_redis(day: Day):
    """It does not wait for a Redis that is gone: it ends, and the batch in its hands is delivered again."""
    emitter = day.emitter()
    emitter.wait_for(300)
    worker = day.pipeline.worker
    (child,) = worker.children
    os.kill(child, signal.SIGSTOP)
    with day.pipeline.client() as client:
        until(lambda: client.hlen("unacked"))
    day.pipeline.redis.stop()
    worker.signal(signal.SIGTERM)
    os.kill(child, signal.SIGCONT)
    until(lambda: not worker.running)
    day.pipeline.start()
    day.quiet()
    verdict = day.account()
    assert verdict.stored == verdict.said


def test_a_consumer_killed_between_bulk_and_acknowledgement(day: Day):
    """What Elasticsearch has stored and nobody acknowledged is taken again, and stored once."""
    emitter = day.emitter()
    day.pipeline.front.mood = "mute"
    assert day.pipeline.front.withheld.wait(60)
    day.pipeline.consumer.kill()
    emitter.wait_for(500)
    day.pipeline.start()
    day.quiet()
    verdict = day.account()
    assert verdict.stored == verdict.said


def test_a_gunicorn_worker_killed(day: Day):
    """Requests that were answered are accounted for: stored, or lost with the worker's memory, to the number."""
    port = free_port()
    command = (
        *(sys.executable, "-m", "gunicorn", "tests.tiny_project.wsgi", "--workers=1", "--no-control-socket"),
        *(f"--bind=127.0.0.1:{port}", "--log-level=warning"),
    )
    address = f"http://127.0.0.1:{port}/hello/bad-days/"
    site = {"DJANGO_SETTINGS_MODULE": "tests.bad_days.site_settings"}
    web = day.part("web", *command, healthy=checks.http_answers(address), **site)
    for _ in range(50):
        requests.get(address, timeout=10).raise_for_status()
    until(lambda: _stored(day) >= 153)  # of each request, the first one too: two of its view, one of its own
    stored = _stored(day)
    for _ in range(5):
        requests.get(address, timeout=10).raise_for_status()
    (worker,) = web.children
    os.kill(worker, signal.SIGKILL)
    until(lambda: web.children not in ([], [worker]))
    until(lambda: checks.http_answers(address)() is None)
    web.stop()
    day.quiet()
    day.account(recorded=False)
    row = day.row()
    assert row["lost"] <= 15
    assert row["indexed"] >= stored


def _stored(day: Day) -> int:
    """How many events of the day's web server can be found."""
    with day.pipeline.elasticsearch.client() as admin:
        index = f"logs-shop.*-{day.pipeline.namespace}"
        admin.indices.refresh(index=index)
        query = {"term": {"service.name": "bad-days-web"}}
        return int(admin.count(index=index, query=query)["count"])


@pytest.mark.timeout(900)
def test_a_thousand_forks(day: Day):
    """Each child is a producer of its own: nothing of the parent's is sent twice, nothing of a child's is lost."""
    forks = day.part("forks", sys.executable, "-m", "tests.bad_days.forks", str(day.folder), "1000")
    for born in range(0, 1_000, 20):  # each score in its own time
        until(lambda born=born: not forks.running or _born(day) > born, lambda: _stuck(forks, day))
    until(lambda: not forks.running, lambda: _stuck(forks, day))
    day.quiet()
    verdict = day.account()
    assert (verdict.said, verdict.stored) == (2_000, 2_000)


def _born(day: Day) -> int:
    """How many of the children have begun their record."""
    return sum(1 for _ in day.folder.glob("child-*.record"))


def _stuck(forks: Part, day: Day) -> str:
    """Where the threads of the parent and of its children are."""
    for pid in (*forks.children, forks.pid):
        os.kill(pid, signal.SIGUSR1)
    time.sleep(2)
    said = (forks.folder / "output.log").read_text()
    return f"after {_born(day)} births, children {forks.children}:\n{said[-8_000:]}"


def test_everything_told_to_end_at_once(day: Day):
    """SIGTERM to every process in the same moment: each ends by itself, and the next start finds everything."""
    parts = (day.emitter(), day.emitter(), *day.pipeline.parts)
    for emitter in day.emitters:
        emitter.wait_for(500)
    for part in parts:
        part.signal(signal.SIGTERM)
    for part in parts:
        until(lambda part=part: not part.running, lambda part=part: part.command)
    day.pipeline.start()
    day.quiet()
    verdict = day.account()
    assert verdict.lost == {}
    assert verdict.stored == verdict.said


def test_the_disk_of_the_spool_full(day: Day):
    """What the disk refuses while the broker is away is dropped by number, in the ledger."""
    day.pipeline.redis.pause()
    refusing = day.emitter("--rate=5000", "--count=2000", before=("prlimit", "--fsize=100000"))  # of one file
    small = day.emitter("--count=1000", LOGPIPE_SPOOL_MAX_BYTES="100000")
    for emitter in (refusing, small):  # each ends by itself, and all of its events found the broker away
        until(lambda emitter=emitter: not emitter.running, lambda emitter=emitter: emitter.last_words)
    assert list(day.settings.spool_dir.glob("*/*.batch"))
    day.pipeline.redis.resume()
    day.quiet()
    verdict = day.account()
    assert day.row()["dropped(spool_full)"] == verdict.dropped > 500
    assert verdict.lost == {}


def test_the_clock_jumping_back(day: Day):
    """An hour earlier in the middle of its work, a process goes on numbering, handing over and replaying."""
    emitter = day.emitter("--count=2000", "--clock-back-at=700")
    emitter.wait_for(500)
    day.pipeline.redis.pause()
    emitter.wait_for(1_000)
    day.pipeline.redis.resume()
    emitter.wait_for(2_000)
    day.quiet()
    verdict = day.account()
    assert verdict.stored == verdict.said
