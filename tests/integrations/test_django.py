"""Django under gunicorn and under uvicorn: one event a request, and everything in it belongs together."""

from __future__ import annotations

import contextlib
import secrets
import signal
import socket

import pytest

from tests.collector import field
from tests.tiny_project.servers import WebServer

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GUNICORN = ("gunicorn", "--bind", "127.0.0.1:{port}", "--workers", "2", "tests.tiny_project.wsgi:application")
UVICORN = ("uvicorn", "--port", "{port}", "--no-access-log", "tests.tiny_project.asgi:application")


@pytest.fixture(scope="module")
def wsgi(collector, tmp_path_factory):
    server = WebServer(tmp_path_factory.mktemp("wsgi"), collector, *GUNICORN)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def asgi(collector, tmp_path_factory):
    server = WebServer(tmp_path_factory.mktemp("asgi"), collector, *UVICORN)
    yield server
    server.stop()


@pytest.fixture(params=["wsgi", "asgi"])
def server(request) -> WebServer:
    """Either of them: the promise is the same."""
    return request.getfixturevalue(request.param)


class Asked:
    """A request, its answer, and all that was logged of it."""

    def __init__(self, server: WebServer, collector, path: str, *, count: int = 1, headers=None) -> None:
        self.id = f"request-{secrets.token_hex(8)}"
        self.status, self.headers, self.body = server.get(path, {"X-Request-ID": self.id, **(headers or {})})
        self.events = collector.wait_for(count, http__request__id=self.id)

    @property
    def request(self):
        """The one ``http.request``."""
        (event,) = [e for e in self.events if e["event"].get("action") == "http.request"]
        return event

    def others(self, **more):
        """What code logged meanwhile."""
        return [event for event in self.events if event["event"].get("action") != "http.request"]


def test_a_request_has_one_event_and_shares_its_trace_with_all_that_it_logged(server, collector):
    """structlog's events, the standard library's records and the request itself are found together."""
    asked = Asked(server, collector, "/hello/jane/?token=secret", count=3, headers={"User-Agent": "test/1"})
    assert asked.status == 200
    event = asked.request
    assert event["message"] == "GET /hello/jane/ 200"
    assert field(event, "http.request.method") == "GET"
    assert field(event, "http.response.status_code") == 200
    assert field(event, "http.response.body.bytes") == len(b"Hello jane")
    assert field(event, "http.route") == "hello/<slug:name>/"
    assert field(event, "url.path") == "/hello/jane/"
    assert field(event, "user_agent.original") == "test/1"
    assert field(event, "client.ip") == "127.0.0.0"
    assert field(event, "event.outcome") == "success"
    assert 0 < field(event, "event.duration") < 20e9
    assert field(event, "service.name") == "tiny-web"
    assert "secret" not in str(asked.events)
    assert sorted(e["message"] for e in asked.others()) == ["greeted", "greeted jane"]
    assert {e["trace"]["id"] for e in asked.events} == {event["trace"]["id"]}
    assert {e["http"]["route"] for e in asked.events} == {"hello/<slug:name>/"}
    standard = next(e for e in asked.others() if e["message"] == "greeted jane")
    assert (standard["log"], standard["numeric_labels"]) == (
        {"level": "warning", "logger": "tiny.standard"},
        {"shelf": 5},
    )


def test_a_trace_is_continued(server, collector):
    """The sender's trace, a span of the request's own, the sender's span as its parent."""
    asked = Asked(server, collector, "/who/", count=2, headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
    for event in asked.events:
        assert event["trace"]["id"] == TRACE
        assert event["parent"]["id"] == SPAN
        assert event["span"]["id"] == asked.request["span"]["id"] != SPAN


@pytest.mark.parametrize(
    "given", ["short", "x" * 65, "has space in it", "semi;colon-123", "-begins-wrong-", "ümlaut-12345"]
)
def test_a_request_id_in_another_form_is_replaced(server, collector, given):
    """It comes back in a header and stands in every event: only a strict form is taken over."""
    _, headers, _ = server.get("/who/", {"X-Request-ID": given.encode("latin-1", "replace").decode("latin-1")})
    made = headers["X-Request-ID"]
    assert made != given
    assert len(made) == 36
    collector.wait_for(2, http__request__id=made)


def test_a_request_id_in_the_strict_form_is_kept(server, collector):
    """And sent back."""
    asked = Asked(server, collector, "/who/")
    assert asked.headers["X-Request-ID"] == asked.id


@pytest.mark.parametrize(
    ("path", "status", "error", "level", "outcome"),
    [
        ("/boom/", 500, "boom", "error", "failure"),
        ("/in-middleware/", 500, "'in a middleware'", "error", "failure"),
        ("/unavailable/", 503, None, "error", "failure"),
        ("/missing/", 404, None, "info", "success"),
        ("/nowhere/", 404, None, "info", "success"),
    ],
)
def test_an_error_is_the_requests_one_event(server, collector, path, status, error, level, outcome):
    """With its exception where there was one; Django's own line about the same does not come beside it."""
    asked = Asked(server, collector, path)
    Asked(server, collector, "/who/", count=2)  # whatever else there was to come has come before this
    event = asked.request
    assert (asked.status, field(event, "http.response.status_code")) == (status, status)
    assert field(event, "log.level") == level
    assert field(event, "event.outcome") == outcome
    if error is not None:
        assert field(event, "error.message").strip("'") == error.strip("'")
        assert "views.py" in field(event, "error.stack_trace")
    assert len(collector.events(http__request__id=asked.id)) == 1
    assert collector.events(log__logger="django.request") == []


@pytest.mark.parametrize(("name", "path"), [("wsgi", "/stream/"), ("asgi", "/stream/"), ("asgi", "/async-stream/")])
def test_a_stream_is_one_event_and_its_parts_log_within_it(request, collector, name, path):
    """The event comes with the last part; what the parts log carries the request."""
    asked = Asked(request.getfixturevalue(name), collector, path, count=2)
    assert asked.body == b"ab"
    assert [e["message"] for e in asked.others()] == ["between parts"]
    assert asked.request["trace"] == asked.others()[0]["trace"]


def test_a_stream_that_breaks_is_a_failure(server, collector):
    """The status went out before the fault, so the outcome and the exception tell of it."""
    request_id = f"request-{secrets.token_hex(8)}"
    with contextlib.suppress(OSError):  # the server may hang up before the first byte
        server.get("/broken-stream/", {"X-Request-ID": request_id})
    (event,) = collector.wait_for(http__request__id=request_id)
    assert field(event, "event.outcome") == "failure"
    assert field(event, "error.message") == "in the stream"


@pytest.mark.parametrize(("path", "status"), [("/slow/", 499), ("/endless/", 200)])
def test_a_client_that_is_gone_leaves_one_event(asgi, collector, path, status):
    """While the view works: 499. While the stream runs: the status that went out."""
    request_id = f"request-{secrets.token_hex(8)}"
    with socket.create_connection(("127.0.0.1", asgi.port)) as client:
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-ID: {request_id}\r\n\r\n"
        client.sendall(head.encode())
        if path == "/endless/":
            assert client.recv(100)
        else:
            collector.wait_for(message="waiting", http__request__id=request_id)
    (event,) = collector.wait_for(http__request__id=request_id, event__action="http.request")
    assert field(event, "http.response.status_code") == status


def test_server_sent_events_are_told_of_when_they_begin(asgi, collector):
    """While the client still listens: how long it does so is no answer's time. What it is told carries the request."""
    request_id = f"request-{secrets.token_hex(8)}"
    with socket.create_connection(("127.0.0.1", asgi.port)) as client:
        head = f"GET /events/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-ID: {request_id}\r\n\r\n"
        client.sendall(head.encode())
        assert client.recv(100)
        (event,) = collector.wait_for(http__request__id=request_id, event__action="http.request")
        collector.wait_for(http__request__id=request_id, message="told")
    assert field(event, "http.response.mime_type") == "text/event-stream"
    Asked(asgi, collector, "/hello/again/", count=2)  # whatever else there was to come has come before this
    assert len(collector.events(http__request__id=request_id, event__action="http.request")) == 1


def test_an_async_view_logs_by_the_async_methods(asgi, collector):
    """``await log.ainfo`` keeps the request's context across the thread it runs in."""
    asked = Asked(asgi, collector, "/async/", count=2)
    assert [e["message"] for e in asked.others()] == ["greeted"]
    assert asked.others()[0]["trace"] == asked.request["trace"]


def test_the_user_is_known_by_a_hash(server, collector):
    """The log-in, its request, and later requests of the same user carry the same hash and no id."""
    asked = Asked(server, collector, "/log-in/", count=2)
    login = asked.others()[0]
    assert login["event"]["action"] == "auth.login"
    cookie = asked.headers["Set-Cookie"].partition(";")[0]
    later = Asked(server, collector, "/who/", count=2, headers={"Cookie": cookie})
    assert field(login, "user.hash")
    assert {field(e, "user.hash") for e in (*asked.events, *later.events)} == {field(login, "user.hash")}
    assert Asked(server, collector, "/hello/x/", count=3).request.get("user") is None
    assert field(login, "client.ip") == "127.0.0.1"  # whole in auth
    assert later.status == 200
    assert "17" not in [field(e, "user.id") for e in asked.events]


def test_lazy_objects_are_named_and_not_evaluated(server, collector):
    """A queryset runs no query (there is no database here); a model says its key and nothing personal."""
    asked = Asked(server, collector, "/queryset/", count=2)
    labels = asked.others()[0]["labels"]
    assert labels["users"] == "django.db.models.query.QuerySet: of User, not evaluated"
    assert labels["first"] == "django.contrib.auth.models.User: pk=3"
    assert labels["asked"].endswith("GET /queryset/")


def test_an_eager_task_runs_within_the_request_that_called_it(server, collector):
    """One ``task.run`` an attempt, a span each below the request's, and afterwards the request's context again."""
    asked = Asked(server, collector, "/eager/?failures=2", count=8)
    runs = [e for e in asked.events if e["event"].get("action") == "task.run"]
    assert [(field(e, "celery.task.attempt"), field(e, "celery.task.state")) for e in runs] == [
        (1, "RETRY"), (2, "RETRY"), (3, "SUCCESS"),
    ]  # fmt: skip
    assert {e["trace"]["id"] for e in asked.events} == {asked.request["trace"]["id"]}
    assert {field(e, "parent.id") for e in runs} == {field(asked.request, "span.id")}
    assert len({field(e, "span.id") for e in runs}) == 3
    after = next(e for e in asked.events if e["message"] == "after the task")
    assert after["span"] == asked.request["span"]


def test_gunicorns_own_lines_take_the_same_way(wsgi, collector):
    """Its logger does not propagate; the pipeline hears it all the same, and it still prints."""
    wsgi.get("/broken-stream/")
    collector.wait_for(log__logger="gunicorn.error", message="Error handling request")
    assert "Error handling request" in wsgi.output


def test_uvicorns_own_lines_take_the_same_way(asgi, collector):
    """The same for its loggers; its access lines stay out, whose place the request's event has."""
    collector.wait_for(log__logger="uvicorn.error")
    assert collector.events(log__logger="uvicorn.access") == []


@pytest.mark.parametrize("command", [GUNICORN, UVICORN], ids=["gunicorn", "uvicorn"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_ends_hands_over_everything(collector, tmp_path, command, number):
    """A request answered a moment before the signal is in the totals that each process leaves."""
    server = WebServer(tmp_path, collector, *command, LOGPIPE_FLUSH_INTERVAL_S="60")
    request_id = f"request-{secrets.token_hex(8)}"
    server.get("/who/", {"X-Request-ID": request_id})
    assert collector.events(http__request__id=request_id) == []
    server.stop(number)
    (event, _) = collector.wait_for(2, http__request__id=request_id)
    final = collector.wait_for(agent__ephemeral_id=event["agent"]["ephemeral_id"], ledger__final=True)
    totals = {field(e, "ledger.category"): field(e, "ledger.numbered") for e in final}
    numbered = collector.events(agent__ephemeral_id=event["agent"]["ephemeral_id"], event__dataset="tiny.http")
    assert totals["http"] == len(numbered)
    assert list((tmp_path / "state" / "producers").iterdir()) == []


def test_preloading_gunicorns_children_are_producers_of_their_own(collector, tmp_path):
    """The application, with its producer and what it logged, is there before the fork."""
    server = WebServer(tmp_path, collector, *GUNICORN[:-1], "--preload", GUNICORN[-1])
    try:
        asked = [Asked(server, collector, "/who/", count=2) for _ in range(3)]
    finally:
        server.stop()
    master = {
        e["agent"]["ephemeral_id"] for e in collector.events(message=f"Listening at: http://127.0.0.1:{server.port}")
    }
    for each in asked:
        assert each.request["agent"]["ephemeral_id"] not in master
    for producer in {each.request["agent"]["ephemeral_id"] for each in asked}:
        numbers = [
            e["event"]["sequence"] for e in collector.events(agent__ephemeral_id=producer, event__dataset="tiny.http")
        ]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_in_development_a_line_is_printed_once(collector, tmp_path):
    """Without a broker, with DEBUG, under runserver: readable lines on standard error, none of them twice."""
    server = WebServer(
        tmp_path,
        collector,
        "django",
        "runserver",
        "--noreload",
        "127.0.0.1:{port}",
        TINY_DEBUG="1",
        LOGPIPE_LOGSTASH_TCP="",
    )
    server.get("/hello/jane/")
    server.get("/nowhere/")
    server.get("/boom/")
    server.wait_for_output("GET /boom/ 500")
    server.stop()
    lines = server.output.splitlines()
    assert sum("GET /hello/jane/" in line for line in lines) == 1
    assert sum("greeted" in line and "visitor=jane" in line for line in lines) == 1
    assert sum("/nowhere/" in line for line in lines) == 1
    assert sum("ValueError: boom" in line for line in lines) == 1
