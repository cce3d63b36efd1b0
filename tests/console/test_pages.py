"""The pages of one event and of one trace; and how every page answers."""

from __future__ import annotations

import json
import re
import secrets
import time
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client

from logging_pipeline.console import store
from logging_pipeline.console.templatetags.logpipe_console import took
from logging_pipeline.settings import adopt, load
from tests.console.conftest import Person, Plant
from tests.console.events import document, journey

pytestmark = [pytest.mark.stack, pytest.mark.django_db(databases="__all__")]

NOW = datetime.now(UTC)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}\x00\x1b[2J\u202egnp\ud800\u2028&#60;"


def event_url(event_id: str, way: str = "event") -> str:
    return f"/ops/logs/{way}/?{urlencode({'id': event_id})}"


def test_an_event_shows_every_field_and_its_json(plant: Plant, staff: Client):
    """All fields in groups with the contract's descriptions, and JSON that is exactly the document."""
    own = document(
        "http", "http.request", NOW, "GET / 200", url={"path": "/a&b/"}, labels={"k": "v"}, odd={"x": [1, 2]}
    )
    plant(own)
    text = staff.get(event_url(own["event"]["id"])).content.decode()
    for name in ("@timestamp", "event.action", "url.path", "labels.k", "odd.x", "agent.ephemeral_id"):
        assert f">{name}</dt>" in text
    assert 'title="Path without query."' in text
    shown = re.search(r'<pre id="event-json"[^>]*>(.*?)</pre>', text, re.DOTALL)
    assert shown
    assert json.loads(unescape(shown[1])) == own


def test_a_value_leads_to_events_with_and_without_it(plant: Plant, staff: Client):
    """The links beside a value find, and leave out, the event that they come from."""
    path = f"/{secrets.token_hex(8)}/?+%&/"
    own = document("http", "http.request", NOW - timedelta(days=9), url={"path": path})
    plant(own)
    text = staff.get(event_url(own["event"]["id"])).content.decode()
    only, without = (
        unescape(found)
        for found in re.findall(r'<a href="([^"]+)"[^>]*aria-label="[^"]*this value of url\.path"', text)
    )
    assert own["event"]["id"] in unescape(staff.get(only).content.decode())
    assert own["event"]["id"] not in unescape(staff.get(without).content.decode())


def test_a_long_value_is_cut_until_asked_for(plant: Plant, staff: Client):
    """Both ends of a long stack trace are shown at once, the whole behind "Show all", nothing lost."""
    trace = "Traceback\n" + "middle\n" * 1_000 + "ValueError: the end"
    own = document("system", "x.y", NOW, error={"stack_trace": trace})
    plant(own)
    text = staff.get(event_url(own["event"]["id"])).content.decode()
    summary = re.search(
        r'<summary><span class="text">(.*?)</span>.*?</summary><span class="text">(.*?)</span>', text, re.DOTALL
    )
    assert summary
    assert len(summary[1]) < 2_100
    assert summary[1].startswith("Traceback")
    assert summary[1].endswith("ValueError: the end")
    assert summary[2] == trace
    assert f"Show all {len(trace):,} characters" in text


def test_the_script_gets_the_event_alone(plant: Plant, staff: Client):
    """For the drawer the same address answers without the page around it, and caches keep the two apart."""
    own = document("http", "http.request", NOW)
    plant(own)
    response = staff.get(event_url(own["event"]["id"]), headers={"X-Logpipe-Part": "event"})
    assert "<html" not in response.content.decode()
    assert "http.request" in response.content.decode()
    assert "X-Logpipe-Part" in response.headers["Vary"]


def test_around_an_event(plant: Plant, staff: Client):
    """The 25 events before and after it, newest first, itself marked, whatever their category."""
    base = datetime(2026, 2, 1, tzinfo=UTC) + timedelta(seconds=secrets.randbelow(2_000_000))
    documents = [
        document(("http", "auth")[n % 2], "a.b", base + timedelta(microseconds=n), f"number {n}") for n in range(80)
    ]
    plant(*documents)
    text = staff.get(event_url(documents[40]["event"]["id"], "event/around")).content.decode()
    rows = re.findall(r'<tr class="[^"]+"( aria-current="true")?>.*?number (\d+)', text, re.DOTALL)
    assert [int(number) for _current, number in rows] == list(range(65, 14, -1))
    assert [number for current, number in rows if current] == ["40"]


def test_a_trace_shows_the_whole_story_in_time(plant: Plant, staff: Client):
    """Request, task, audit and payment of one trace, across programs, in the order in which they began."""
    trace = secrets.token_hex(16)
    plant(*journey(NOW, trace=trace, ms=200), document("http", "other.event", NOW, trace={"id": secrets.token_hex(16)}))
    text = staff.get(f"/ops/logs/trace/?id={trace}").content.decode()
    assert re.findall(r'<span class="action">(.*?)</span>', text) == [
        "http.request", "payment.requested", "audit.changed", "task.run",
    ]  # fmt: skip
    assert re.findall(r'<td class="after">\+(.*?)</td>', text) == ["0 µs", "80 ms", "230 ms", "310 ms"]
    assert re.findall(r'<td class="took">(.*?)</td>', text) == ["200 ms", "", "", "310 ms"]
    services = re.search(r'<p class="services".*?</p>', text)
    assert services
    assert re.findall(r"</i>([^<]+)", services[0]) == ["shop-web", "shop-worker"]
    assert "4 events · 620 ms from the first to the last" in text


def test_a_very_long_trace_says_that_it_is_cut(plant: Plant, staff: Client):
    """Of more events than a page holds the first are shown, and the page says how many there are."""
    trace = {"trace": {"id": secrets.token_hex(16)}}
    plant(*(document("task", "a.b", NOW + timedelta(milliseconds=n), **trace) for n in range(510)))
    text = staff.get(f"/ops/logs/trace/?id={trace['trace']['id']}").content.decode()
    assert "The first 500 of 510 events" in text
    assert text.count('<span class="action">') == 500


@pytest.mark.parametrize(
    "url", ["event/?id=", "event/?id=nothing", "event/", "event/around/?id=x", "trace/?id=x", "trace/"]
)
def test_what_is_not_there_is_404(console: dict, staff: Client, url: str):
    """An expired or wrong link says what may have happened."""
    response = staff.get(f"/ops/logs/{url}")
    assert response.status_code == 404
    assert "It may have expired" in response.content.decode()


def test_hostile_events_are_only_ever_text(plant: Plant, staff: Client):
    """Markup, terminal escapes and direction overrides in any field reach no page as such, and break none."""
    time = NOW - timedelta(seconds=2)
    own = document(
        "system", HOSTILE, time, HOSTILE, level=HOSTILE, trace={"id": HOSTILE},
        labels={HOSTILE.replace("\x00", ""): HOSTILE},
        service={"name": HOSTILE}, error={"message": HOSTILE * 400, "type": HOSTILE}, url={"path": HOSTILE},
        **{HOSTILE: [HOSTILE]},
    )  # fmt: skip
    own["event"]["id"] = f"../..//?id=x#{secrets.token_hex(4)}<script>\n\r\"'&%00 \u202e"
    with_it = {"q": "alert", "from": "now-1h"}
    plant(own)
    clean = HOSTILE.encode(errors="replace").decode()
    urls = [
        f"/ops/logs/?{urlencode(with_it)}",
        event_url(own["event"]["id"]),
        event_url(own["event"]["id"], "event/around"),
        f"/ops/logs/trace/?{urlencode({'id': clean})}",
        f"/ops/logs/?{urlencode({'q': clean, 'trace': clean, 'filter': f'service.name:{clean}'})}",
        f"/ops/logs/?{urlencode({'category': clean})}",
    ]
    for url in urls:
        response = staff.get(url)
        assert response.status_code in (200, 400, 404), url
        text = re.sub(r'value="[^"]*"', "", response.content.decode())  # what the viewer typed stays as it was
        assert "<script>alert" not in response.content.decode(), url
        assert "<img src=x" not in text, url
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e]", text), url
    listing = staff.get(urls[0]).content.decode()
    assert "&lt;script&gt;alert(1)" in listing
    assert "{{7*7}}" in listing
    assert "U+202E" in listing
    assert staff.get(unescape(re.findall(r'class="open" href="([^"]+)"', listing)[0])).status_code == 200


@pytest.mark.parametrize("url", ["", "?from=nonsense", "event/?id=x", "trace/?id=x"])
def test_the_browser_is_told_to_trust_nothing_else(console: dict, staff: Client, url: str):
    """Every answer forbids scripts, styles, frames and targets beyond the console's own, and needs none of them."""
    response = staff.get(f"/ops/logs/{url}")
    policy = response.headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    tags = Tags(response.content.decode())
    assert not any(tag == "style" or (tag == "script" and "src" not in given) for tag, given in tags.found)
    for _, given in tags.found:
        assert not any(name == "style" or name.startswith("on") for name in given)
        targets = [given.get(name) or "" for name in ("src", "href", "action")]
        assert not any(re.match(r"(https?:)?//|javascript:", target.strip()) for target in targets)


class Tags(HTMLParser):
    """The tags of a page, as a browser sees them, each with its attributes: what is only text is none of them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_static_files_may_live_elsewhere(console: dict, staff: Client, settings: Any):
    """Where a project serves its static files from another host, the policy allows that host and no other."""
    settings.STATIC_URL = "https://static.example.com/files/"
    policy = staff.get("/ops/logs/").headers["Content-Security-Policy"]
    assert "script-src 'self' https://static.example.com;" in policy
    assert "default-src 'none'" in policy


def test_without_elasticsearch_the_page_says_so(console: dict, staff: Client, settings: Any):
    """No answer is 503 with the address' setting and what happens to events meanwhile, never a traceback."""
    settings.LOGGING_PIPELINE = {**console, "elasticsearch_url": "http://127.0.0.1:9"}
    for url in ("", "event/?id=x", "event/around/?id=x", "trace/?id=x"):
        response = staff.get(f"/ops/logs/{url}")
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "10"
        text = response.content.decode()
        assert "LOGPIPE_ELASTICSEARCH_URL" in text
        assert "Traceback" not in text


@pytest.mark.parametrize(
    ("change", "setting"),
    [
        ({"elasticsearch_password": "wrong"}, "LOGPIPE_ELASTICSEARCH_PASSWORD"),
        ({"elasticsearch_url": ""}, "LOGPIPE_ELASTICSEARCH_URL"),
    ],
)
def test_wrong_settings_are_named(console: dict, staff: Client, settings: Any, change: dict, setting: str):
    """A wrong password or a missing address is told to the operator by the setting's name, without its value."""
    settings.LOGGING_PIPELINE = {**console, **change}
    response = staff.get("/ops/logs/")
    assert response.status_code == 503
    assert setting in response.content.decode()
    assert "wrong" not in re.sub(r"what is wrong|is wrong", "", response.content.decode())


def test_takes_the_settings_that_configure_was_given(
    console: dict, plant: Plant, staff: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    """A project that names its app and its server in one call need not say it twice."""
    own = document("http", "http.request", NOW)
    plant(own)
    settings.LOGGING_PIPELINE = None
    monkeypatch.setattr("logging_pipeline.settings._adopted", None)  # put back afterwards
    adopt(load(console))
    assert staff.get(event_url(own["event"]["id"])).status_code == 200


def test_a_frozen_elasticsearch_does_not_hang_the_page(
    console: dict, staff: Client, settings: Any, elasticsearch_server: Any, monkeypatch: pytest.MonkeyPatch
):
    """When Elasticsearch accepts and never answers, the page gives up in time."""
    monkeypatch.setattr(store, "ANSWER_TIMEOUT_S", 1.0)
    settings.LOGGING_PIPELINE = {**console, "service_name": "another"}  # so that a client is made with that timeout
    elasticsearch_server.pause()
    try:
        began = time.monotonic()
        response = staff.get("/ops/logs/")
        assert time.monotonic() - began < 3
    finally:
        elasticsearch_server.resume()
    assert response.status_code == 503


def test_runs_under_asgi(plant: Plant, person: Person):
    """The same pages answer in an ASGI process, where they search in a thread and hold nobody else up."""
    own = document("http", "http.request", NOW)
    plant(own)
    client = AsyncClient()
    client.cookies = person("http").cookies
    response = async_to_sync(client.get)(event_url(own["event"]["id"]))
    assert response.status_code == 200
    assert own["event"]["id"] in response.content.decode()


def test_the_theme_is_kept_without_a_script(console: dict, person: Person):
    """A button's POST sets a cookie; the page comes back in that theme; another site's address is not gone to."""
    client = person("http")
    answer = client.post("/ops/theme/", {"theme": "dark", "next": "/ops/logs/?q=a"})
    assert answer.headers["Location"] == "/ops/logs/?q=a"
    assert 'data-theme="dark"' in client.get("/ops/logs/").content.decode()
    cookie = answer.cookies["logpipe_theme"]
    assert (cookie["path"], cookie["samesite"], bool(cookie["httponly"])) == ("/ops/", "Lax", True)
    for evil in ("https://evil.example/", "//evil.example", "javascript:alert(1)", ""):
        assert client.post("/ops/theme/", {"theme": "nonsense", "next": evil}).headers["Location"] == "/ops/"
    assert 'data-theme="dark"' in client.get("/ops/logs/").content.decode()
    assert Client(enforce_csrf_checks=True).post("/ops/theme/", {"theme": "dark"}).status_code == 403


def test_nothing_changes_by_other_methods(console: dict, staff: Client):
    """Pages are read; the theme is posted; nothing else is answered."""
    assert staff.post("/ops/logs/").status_code == 405
    assert staff.get("/ops/theme/").status_code == 405


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [(0, "0 µs"), (850, "850 µs"), (12_345, "12.3 ms"), (999_400, "999 ms"), (999_600, "1 s"), (1_240_000, "1.24 s"),
     (123_000_000, "2 min 3 s"), (18_240_000_000, "5 h 4 min")],
)  # fmt: skip
def test_durations_read_well(microseconds: int, text: str):
    """A duration is written in the unit that people would use."""
    assert took(timedelta(microseconds=microseconds)) == text
