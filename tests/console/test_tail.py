"""The live tail's stream: a real Redis, and the console under a real ASGI server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import redis
import requests
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from logging_pipeline import metrics
from logging_pipeline.console.tail import stream as tail_stream
from logging_pipeline.console.views import tail
from logging_pipeline.contract import contract
from logging_pipeline.settings import Settings
from tests.console.asgi_server import AsgiServer
from tests.console.conftest import Person, mount
from tests.console.tailing import URL, Reader, publish, said, until

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True, databases="__all__")]

Open = Callable[..., Reader]
TAIL = ("view_tail",)


@pytest.fixture
def pipeline(redis_url: str, settings: Any, transactional_db: None) -> dict[str, Any]:
    """The console with a Redis; no Elasticsearch is needed for what passes by."""
    given = {"app": "shop", "redis_url": redis_url, "tail_check_s": 0.2}
    mount(settings, given)
    settings.MIDDLEWARE = ["logging_pipeline.integrations.django.RequestMiddleware", *settings.MIDDLEWARE]
    return given


@pytest.fixture
def server(pipeline: dict[str, Any]) -> Iterator[AsgiServer]:
    running = AsgiServer()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def logs(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def watch(server: AsgiServer) -> Iterator[Open]:
    """Opens the stream as somebody: ``watch(client, "category=http")``; closes all at the end."""
    readers: list[Reader] = []

    def begin(client: Client, query: str = "", **more: Any) -> Reader:
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        readers.append(Reader(f"{server.url}{URL}?{query}", cookies, **more))
        return readers[-1]

    yield begin
    for reader in readers:
        reader.leave()


def test_events_of_open_categories_pass_by(watch: Open, person: Person, logs: redis.Redis):
    """In their order and at once; channels of closed categories are not even subscribed to."""
    reader = watch(person("http", "task", may=TAIL))
    reader.next("open")
    subscribed = {name for name, count in logs.pubsub_numsub(*(f"logs:{c}" for c in contract().by_name)) if count}
    assert subscribed == {b"logs:http", b"logs:task"}
    publish(logs, said("audit", "secret"), said("http", "first"), said("http", "second"))
    publish(logs, said("task", "third"))
    assert reader.messages(3) == ["first", "second", "third"]


def test_the_choice_of_categories_and_level(watch: Open, person: Person, logs: redis.Redis):
    """Only the chosen categories are subscribed to; levels below the chosen one are left out, unknown ones are not."""
    reader = watch(person("http", "task", "auth", may=TAIL), "category=http&category=task&level=warning")
    reader.next("open")
    publish(
        logs,
        said("auth", "another category", level="error"),
        said("http", "too low"),
        said("http", "warned", level="warning"),
        said("task", "broke", level="critical"),
        said("task", "odd", level="notice"),
    )
    assert sorted(reader.messages(3)) == ["broke", "odd", "warned"]


def test_a_query_filters(watch: Open, person: Person, logs: redis.Redis):
    """By fields as in the log search, and by words."""
    query = "http.response.status_code >= 500 and not broken"
    reader = watch(person("http", may=TAIL), f"q={query}")
    reader.next("open")

    def answered(status: int, message: str) -> Any:
        return said("http", message, http={"response": {"status_code": status}})

    publish(logs, answered(200, "fine"), answered(503, "a broken thing"), answered(502, "bad gateway"))
    publish(logs, answered(500, "the last"))
    assert reader.messages(2) == ["bad gateway", "the last"]


@pytest.mark.parametrize(
    ("query", "words", "shown"),
    [
        ("log.level: (error", "line 1, column 12", "Character 12: "),
        ("log.levl: error", "log.level", "log.level"),
        ("error and (", "column 12", "Character 12: "),
    ],
)
def test_a_wrong_query_is_refused_with_its_place(watch: Open, staff: Client, query: str, words: str, shown: str):
    """By the stream with 400, and by the page."""
    reader = watch(staff, f"q={query}", reading=False)
    assert reader.status == 400
    assert words in reader.text()
    page = staff.get("/ops/tail/", {"q": query})
    assert page.status_code == 400
    assert shown in page.content.decode()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("level=eror", "there is no level &#x27;eror&#x27;. Choose from debug,"),
        ("category=http&category=dead_letter", "there is no category &#x27;dead_letter&#x27;. Choose from http,"),
        (f"q={'a' * 2_001}", "2,001 characters are too long. Keep at most 2,000."),
    ],
)
def test_a_choice_that_cannot_be_kept_is_refused(watch: Open, staff: Client, address: str, words: str):
    """What is unknown or too long is named, by the stream and by the page; it never shows more than was asked for."""
    reader = watch(staff, address, reading=False)
    assert reader.status == 400
    assert unescape(words).rstrip(".") in reader.text()
    page = staff.get(f"/ops/tail/?{address}")
    assert page.status_code == 400
    assert words in page.content.decode()
    assert "data-stream" not in page.content.decode()
    assert watch(Client(), address, reading=False).status == 403


def test_strangers_and_others_are_refused(watch: Open, person: Person):
    """Nobody, customers, staff without the permission, and whoever asks for a closed category."""
    for client, query in (
        (Client(), ""),
        (person("http", may=TAIL, staff=False), ""),
        (person("http"), ""),
        (person(may=TAIL), ""),
        (person("http", may=TAIL), "category=http&category=audit"),
    ):
        assert watch(client, query, reading=False).status == 403
    page = person("http", may=TAIL).get("/ops/tail/?category=audit")
    assert page.status_code == 403
    assert "logpipe_console.view_category_audit" in page.content.decode()


def test_not_in_a_worker_of_a_wsgi_server(pipeline: dict[str, Any], staff: Client):
    """Under WSGI the stream is refused and says what it needs, and so does the page."""
    answer = staff.get(URL)
    assert answer.status_code == 501
    assert "ASGI server" in answer.content.decode()
    assert "ASGI server" in staff.get("/ops/tail/").content.decode()


def test_without_a_broker_it_names_the_setting(settings: Any, pipeline: dict[str, Any], watch: Open, staff: Client):
    """503 and LOGPIPE_REDIS_URL."""
    settings.LOGGING_PIPELINE = {**pipeline, "redis_url": ""}
    reader = watch(staff, reading=False)
    assert reader.status == 503
    assert "LOGPIPE_REDIS_URL" in reader.text()


def test_what_does_not_fit_is_skipped_and_counted(
    settings: Any, pipeline: dict[str, Any], watch: Open, staff: Client, logs: redis.Redis
):
    """Shown and skipped together are all that was published; the newest are shown."""
    settings.LOGGING_PIPELINE = {**pipeline, "tail_queue_events": 50}
    reader = watch(staff)
    reader.next("open")
    before = metrics.TAIL_SKIPPED._value.get()
    with logs.pipeline() as together:
        for batch in range(10):
            together.publish("logs:http", b"\n".join(b'{"message":"%d"}' % (batch * 40 + n) for n in range(40)))
        together.execute()

    def count(messages: list[tuple[str, Any]]) -> int:
        return sum(c["count"] if name == "skipped" else len(c) for name, c in messages if name in ("skipped", "events"))

    messages = reader.until(lambda so_far: count(so_far) >= 400)
    assert count(messages) == 400
    skipped = sum(content["count"] for name, content in messages if name == "skipped")
    assert skipped > 0
    assert metrics.TAIL_SKIPPED._value.get() - before == skipped
    assert messages[-1][1][-1]["texts"]["message"] == ["399"]


def test_a_reader_that_stalls_holds_nothing_up(watch: Open, staff: Client, logs: redis.Redis):
    """Redis never waits and never hangs up, others see everything; reading again, it hears how much it missed."""
    stalled, other = watch(staff, "category=http", reading=False), watch(staff, "category=task")
    other.next("open")
    until(lambda: logs.pubsub_numsub("logs:http")[0][1] == 1, "the stalled one is not subscribed")
    before = metrics.TAIL_SKIPPED._value.get()
    body = b"\n".join(b'{"message":"%s"}' % (b"x" * 300) for _ in range(500))
    sent = 0

    def skips() -> bool:
        nonlocal sent
        logs.publish("logs:http", body)
        sent += 500
        return metrics.TAIL_SKIPPED._value.get() > before + 5_000

    until(skips, "nothing is skipped")
    publish(logs, said("task", "seen by the other"))
    assert other.messages(1) == ["seen by the other"]
    stalled.read()

    def count(messages: list[tuple[str, Any]]) -> int:
        return sum(c["count"] if name == "skipped" else len(c) for name, c in messages if name in ("skipped", "events"))

    messages = stalled.until(lambda so_far: count(so_far) >= sent)
    assert count(messages) == sent
    assert any(name == "skipped" for name, _ in messages)


def test_no_more_tails_than_allowed(
    settings: Any, pipeline: dict[str, Any], watch: Open, person: Person, logs: redis.Redis
):
    """Each account has some, the process has some; whoever leaves makes room."""
    settings.LOGGING_PIPELINE = {**pipeline, "tail_connections": 3, "tail_connections_per_user": 2}
    one, two = person("http", may=TAIL), person("http", may=TAIL)
    first, second, third = watch(one), watch(one), watch(two)
    for reader in (first, second, third):
        reader.next("open")
    assert metrics.TAILS._value.get() == 3
    refused = watch(one, reading=False)
    assert refused.status == 429
    assert "You have 2 live tails open" in refused.text()
    refused = watch(two, reading=False)
    assert refused.status == 429
    assert "All 3 live tails" in refused.text()
    first.leave()
    until(lambda: metrics.TAILS._value.get() == 2, "who left still has a seat")
    until(lambda: logs.pubsub_numsub("logs:http")[0][1] == 2, "who left is still subscribed")
    watch(two).next("open")


def _user(client: Client) -> Any:
    return get_user_model().objects.get(pk=client.session["_auth_user_id"])


def _lose_permission(client: Client) -> None:
    _user(client).user_permissions.remove(Permission.objects.get(codename="view_tail"))


def _lose_category(client: Client) -> None:
    _user(client).user_permissions.remove(Permission.objects.get(codename="view_category_http"))


def _deactivate(client: Client) -> None:
    get_user_model().objects.filter(pk=_user(client).pk).update(is_active=False)


def _no_staff(client: Client) -> None:
    get_user_model().objects.filter(pk=_user(client).pk).update(is_staff=False)


def _new_password(client: Client) -> None:
    user = _user(client)
    user.set_password("another long password")
    user.save()


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (_lose_permission, "logpipe_console.view_tail"),
        (_lose_category, "category http is not open"),
        (_deactivate, "logged out"),
        (_no_staff, "staff account"),
        (_new_password, "logged out"),
        (Client.logout, "logged out"),
    ],
)
def test_who_may_watch_is_asked_again(
    watch: Open, person: Person, logs: redis.Redis, happens: Callable[[Client], None], words: str
):
    """Whoever loses the right, is deactivated, or logs out, is cut off with a note, and sees nothing more."""
    client = person("http", "task", may=TAIL)
    reader = watch(client)
    reader.next("open")
    publish(logs, said("http", "before"))
    assert reader.messages(1) == ["before"]
    happens(client)
    assert words in reader.next("end")["reason"]
    publish(logs, said("http", "after"))
    assert reader.until(bool) == [("closed", None)]
    until(lambda: logs.pubsub_numsub("logs:http")[0][1] == 0, "it is still subscribed")


def test_silence_is_not_the_end(watch: Open, staff: Client, monkeypatch: pytest.MonkeyPatch):
    """While nothing passes by, something is said now and then, so that neither side takes the other for gone."""
    monkeypatch.setattr(tail_stream, "HEARTBEAT_S", 0.3)
    reader = watch(staff)
    reader.next("open")
    until(lambda: reader.beats >= 2, "no heartbeat")


def test_redis_goes_away_and_comes_back(watch: Open, staff: Client, redis_server: Any, logs: redis.Redis):
    """The page is told to try again; when it does, it says until when it saw something, and hears that back."""
    reader = watch(staff)
    reader.next("open")
    redis_server.kill()
    assert "Redis does not answer" in reader.next("lost")["reason"]
    away = watch(staff)
    assert "Redis does not answer" in away.next("lost")["reason"]
    redis_server.start()
    again = watch(staff, **{"Last-Event-ID": reader.ids[0]})
    assert again.next("open")["since"].startswith("20")
    publish(logs, said("http", "back"))
    assert again.messages(1) == ["back"]


@pytest.mark.parametrize("made_up", ["x", "-5", "99999999999999999", "4102444800000", "1", "²"])
def test_a_made_up_place_is_no_place(watch: Open, staff: Client, made_up: str):
    """What no server of ours sent is taken for a first visit."""
    assert watch(staff, **{"Last-Event-ID": made_up.encode().decode("latin-1")}).next("open")["since"] is None


def test_whatever_is_on_the_channel(watch: Open, staff: Client, logs: redis.Redis):
    """No event, half an event, fields of any type: rows for what is readable, and the stream goes on."""
    reader = watch(staff)
    reader.next("open")
    for body in (
        b"",
        b"\xff\xfe",
        b'{"message": ',
        b"[1]\n7\nnull",
        b'{"message": {"a": [1]}, "@timestamp": "never", "log": [], "event": 5, "trace": {"id": ["t"]}}',
        b'{"message": "' + b"y" * 100_000 + b'"}',
        b'{"message": "a\\u202eb\\u0000c\\nd", "log": {"level": "<b>"}, "error": {"type": "E", "message": "<i>"}}',
    ):
        logs.publish("logs:http", body)
    rows = []
    while len(rows) < 3:
        rows += reader.next("events")
    odd, long, hostile = rows
    assert odd["texts"]["message"] == ['{"a": [1]}']
    assert odd["level"] == "other"
    assert len(long["texts"]["message"][0]) == 300
    assert hostile["texts"]["message"] == ["a", "U+202E", "b", "U+0000", "c", "⏎", "d"]
    assert hostile["level"] == "other"
    assert hostile["texts"]["level"] == ["<b>"]
    assert (odd["texts"]["error"], hostile["texts"]["error"]) == ([""], ["E: <i>"])


def test_fields_that_come_later_are_named(server: AsgiServer, staff: Client):
    """A filter on what the pipelines add finds nothing that passes by: the page says so."""
    cookies = {name: morsel.value for name, morsel in staff.cookies.items()}
    page = requests.get(f"{server.url}/ops/tail/?q=client.class: bot", cookies=cookies, timeout=60)
    assert page.status_code == 200
    assert "<code>client.class</code> is added by the pipelines later" in page.text
    assert "pipelines later" not in requests.get(f"{server.url}/ops/tail/?q=bot", cookies=cookies, timeout=60).text


def test_the_page_of_the_docs_has_the_real_limits():
    """Its numbers are those of the settings and of the code."""
    page = (Path(__file__).parents[2] / "docs" / "console.md").read_text()
    own = Settings()
    assert (
        f"{own.tail_connections} tails in one process, {own.tail_connections_per_user} for one account, "
        f"{own.tail_queue_events:,} events that wait"
    ) in page
    assert f"every {own.tail_check_s:.0f} seconds" in page
    assert f"The page keeps {tail.MAX_ROWS} rows" in page
