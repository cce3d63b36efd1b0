"""Celery with a real worker and broker: one ``task.run`` an attempt, in the trace of whoever asked for it."""

from __future__ import annotations

import signal

import pytest

from tests.collector import field
from tests.servers import RedisProcess
from tests.tiny_project.servers import Server, WebServer

WORKER = ("celery", "--app", "tests.tiny_project.celery_app:app", "worker", "--loglevel", "info", "--pool", "prefork")
GUNICORN = ("gunicorn", "--bind", "127.0.0.1:{port}", "--workers", "1", "tests.tiny_project.wsgi:application")


@pytest.fixture(scope="module")
def environ(tmp_path_factory):
    """A broker of this module's own."""
    folder = tmp_path_factory.mktemp("celery")
    broker = RedisProcess(folder / "broker")
    broker.start()
    yield {"TINY_BROKER": broker.url(0), "TINY_MARKER": str(folder / "marker")}
    broker.kill()


@pytest.fixture(scope="module")
def worker(collector, environ, tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("worker"), collector, *WORKER, "--concurrency", "1", **environ)
    collector.wait_for(log__logger="celery.apps.worker")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def web(collector, environ, tmp_path_factory):
    server = WebServer(tmp_path_factory.mktemp("web"), collector, *GUNICORN, **environ)
    yield server
    server.stop()


@pytest.fixture
def delay(web, worker, collector):
    """Asks for a task by a request; its id, and that request's event."""

    def delay(task: str):
        _, headers, body = web.get(f"/delay/?task={task}")
        (request,) = collector.wait_for(http__request__id=headers["X-Request-ID"], event__action="http.request")
        return body.decode(), request

    return delay


def attempts(collector, task_id: str, count: int):
    """The ``task.run`` events of a task, in the order of their spans' making."""
    return collector.wait_for(count, celery__task__id=task_id)


def test_a_task_runs_in_the_trace_of_the_request_that_published_it(delay, collector):
    """Its events carry the trace and the request's id; its span is a child of the request's; it waited so long."""
    task_id, request = delay("printing")
    (run,) = attempts(collector, task_id, 1)
    (inside,) = collector.wait_for(message="worked", trace__id=request["trace"]["id"])
    assert field(run, "celery.task.state") == "SUCCESS"
    assert field(run, "celery.task.name") == "tests.tiny_project.tasks.printing"
    assert field(run, "celery.task.queue") == "tiny"
    assert field(run, "event.outcome") == "success"
    assert field(run, "celery.task.queue_delay_ns") > 0
    assert field(run, "event.duration") > 0
    for event in (run, inside):
        assert event["trace"] == request["trace"]
        assert field(event, "parent.id") == field(request, "span.id")
        assert field(event, "http.request.id") == field(request, "http.request.id")
    assert run["span"] == inside["span"]


def test_each_retry_is_an_attempt_of_its_own(delay, collector):
    """In one trace, each the child of the one before, numbered from 1."""
    task_id, request = delay("fragile")
    first, second = attempts(collector, task_id, 2)
    assert [field(e, "celery.task.attempt") for e in (first, second)] == [1, 2]
    assert [field(e, "celery.task.state") for e in (first, second)] == ["RETRY", "SUCCESS"]
    assert field(first, "error.message") == "not yet"
    assert first["trace"] == second["trace"] == request["trace"]
    assert field(second, "parent.id") == field(first, "span.id")


def test_a_failed_task_has_its_exception_once(delay, collector):
    """In the one ``task.run``; Celery's own line about the same does not come beside it."""
    task_id, request = delay("failing")
    (run,) = attempts(collector, task_id, 1)
    assert field(run, "celery.task.state") == "FAILURE"
    assert field(run, "log.level") == "error"
    assert field(run, "error.type") == "ValueError"
    assert "tasks.py" in field(run, "error.stack_trace")
    assert collector.events(log__logger="celery.app.trace") == []
    assert collector.events(trace__id=request["trace"]["id"], error__message="boom") == [run]


def test_a_task_whose_process_is_killed_is_told_of_by_the_main_process(delay, collector):
    """LOST for the attempt that died, and an attempt more when the task is delivered again, in the same trace."""
    task_id, request = delay("killed_once")
    lost, run = attempts(collector, task_id, 2)
    assert [field(e, "celery.task.state") for e in (lost, run)] == ["LOST", "SUCCESS"]
    assert "SIGKILL" in field(lost, "error.message")
    assert lost["trace"] == run["trace"] == request["trace"]
    assert lost["agent"] != run["agent"]


def test_a_hard_time_limit_is_one_attempt(delay, collector):
    """The child is killed before it can speak, so the main process does; nothing says it twice."""
    task_id, request = delay("endless")
    (run,) = attempts(collector, task_id, 1)
    assert field(run, "celery.task.state") == "TIMEOUT"
    assert run["trace"] == request["trace"]
    delay_id, _ = delay("printing")
    attempts(collector, delay_id, 1)
    assert len(attempts(collector, task_id, 1)) == 1


def test_a_soft_time_limit_is_a_failure_that_the_task_could_see(delay, collector):
    """What the task logs on its way out carries the trace."""
    task_id, request = delay("stoppable")
    (run,) = attempts(collector, task_id, 1)
    assert field(run, "error.type").endswith("SoftTimeLimitExceeded")
    assert len(collector.wait_for(message="stopped", trace__id=request["trace"]["id"])) == 1


def test_celerys_own_records_take_the_same_way(worker, collector):
    """What it says at start and of its connections is there; what tasks print stays on the terminal."""
    assert collector.events(log__logger="celery.apps.worker")
    assert collector.events(log__logger="celery.worker.strategy") == []


def test_a_worker_that_ends_hands_over_everything(collector, environ, tmp_path):
    """The children run nothing at their end but Celery's own signal; it leaves the final totals of each."""
    environ = {**environ, "TINY_BROKER": environ["TINY_BROKER"].replace("/0", "/3")}
    server = Server(tmp_path, collector, *WORKER, "--concurrency", "2", LOGPIPE_FLUSH_INTERVAL_S="60", **environ)
    web = WebServer(tmp_path / "web", collector, *GUNICORN, **environ)
    try:
        ids = [web.get("/delay/?task=printing")[2].decode() for _ in range(4)]
        server.wait_for_output("printed", times=len(ids))
    finally:
        server.stop(signal.SIGTERM)
        web.stop()
    for task_id in ids:
        (run,) = attempts(collector, task_id, 1)
        final = collector.wait_for(agent__ephemeral_id=run["agent"]["ephemeral_id"], ledger__final=True)
        assert {field(e, "ledger.category") for e in final} == {"task", "system"}
    assert list((tmp_path / "state" / "producers").iterdir()) == []
