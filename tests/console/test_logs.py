"""The log search, on a real Elasticsearch."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from logging_pipeline.console import store as stores
from logging_pipeline.console.cursor import pack
from tests.console.conftest import Person, Plant
from tests.console.events import document

pytestmark = [pytest.mark.stack, pytest.mark.django_db(databases="__all__")]

NOW = datetime.now(UTC)


@pytest.fixture
def mark() -> str:
    """A word that no other test's events have."""
    return f"m{secrets.token_hex(6)}"


def get(client: Client, **parameters: Any) -> Any:
    return client.get(f"/ops/logs/?{urlencode(parameters, doseq=True)}")


def messages(response: Any) -> list[str]:
    assert response.status_code == 200, response.content.decode()
    cells = re.findall(r'<td class="message">(.*?)</td>', response.content.decode(), re.DOTALL)
    return [unescape(re.sub(r"<span class=\"(?:took|error)\">.*|<[^>]+>", "", cell)).strip() for cell in cells]


def link(response: Any, text: str) -> str:
    found = re.search(rf'href="([^"]*)"[^>]*>{re.escape(text)}', response.content.decode())
    assert found, text
    return unescape(found[1])


def test_shows_the_newest_first(plant: Plant, staff: Client, mark: str):
    """Events come newest first; within one instant the producer's number decides."""
    plant(
        document("http", "a.b", NOW - timedelta(seconds=9), f"{mark} one"),
        document("auth", "a.b", NOW - timedelta(seconds=3), f"{mark} four"),
        document("http", "a.b", NOW - timedelta(seconds=5), f"{mark} two", sequence=8),
        document("http", "a.b", NOW - timedelta(seconds=5), f"{mark} three", sequence=9),
    )
    found = [text.removeprefix(f"{mark} ") for text in messages(get(staff, q=mark))]
    assert found == ["four", "three", "two", "one"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("declined", {"text"}),
        ("DECLINED card", {"text"}),
        ("card missing", set()),
        ('"card was declined"', {"text"}),
        ('"declined card"', set()),
        ("expired", {"error"}),
        ("line-88", {"error"}),
        ("4bf92f3577b34da6a3ce929d0e0e4736", {"trace"}),
        ("4bf92f35", set()),
        ("req-2026-7", {"request"}),
        ('"ORD-7:1/2"', {"order"}),
        ("ORD-7", set()),
        ("shelf 7b", {"label"}),
        ("parcel.sent", {"action"}),
        ("parcel.", {"action"}),
        ("/checkout/st", {"path"}),
        ("418", {"status"}),
        ("decl*", {"text"}),
        ('declined "the card"', {"text"}),
        ("declined or expired", {"text", "error"}),
        ("card and not expired", {"text"}),
        ("message: card", {"text"}),
        ("http.response.status_code >= 400", {"status"}),
        ("error.message: expired or labels.row: 7b", {"error", "label"}),
        (
            "event.action: x.* and not (message: card or error.message: *)",
            {"trace", "request", "order", "label", "path", "status"},
        ),
    ],
)
def test_free_text(plant: Plant, staff: Client, mark: str, query: str, expected: set[str]):
    """Every word stands in a text or is a whole id; beginnings work for names and paths; the rest is KQL."""
    when = NOW - timedelta(seconds=5)
    own = {"log": {"level": "info", "logger": mark}}
    plant(
        document("system", "x.text", when, "The card was declined", **own),
        document("system", "x.error", when, "oops", error={"message": "expired", "stack_trace": "at line-88"}, **own),
        document("http", "x.trace", when, "t", trace={"id": "4bf92f3577b34da6a3ce929d0e0e4736"}, **own),
        document("http", "x.request", when, "r", http={"request": {"id": "req-2026-7"}}, **own),
        document("audit", "x.order", when, "o", audit={"object": {"id": "ORD-7:1/2"}}, **own),
        document("system", "x.label", when, "on the shelf", labels={"row": "7b"}, **own),
        document("system", "parcel.sent", when, "p", **own),
        document("http", "x.path", when, "u", url={"path": "/checkout/step/"}, **own),
        document("http", "x.status", when, "s", http={"response": {"status_code": 418}}, **own),
    )
    response = get(staff, q=query, filter=f"log.logger:{mark}")
    actions = re.findall(r'<td class="action"[^>]*>(?:x\.|parcel\.sent)?(.*?)</td>', response.content.decode())
    assert {found or "action" for found in actions} == expected


def test_narrows_by_category_level_trace_and_field(plant: Plant, staff: Client, mark: str):
    """Several categories or levels widen, different parts narrow; a filter can exclude."""
    when = NOW - timedelta(seconds=5)
    trace = {"trace": {"id": secrets.token_hex(16)}}
    plant(
        document("http", "a.b", when, f"{mark} 1", level="error", **trace),
        document("auth", "a.b", when, f"{mark} 2", level="warning", **trace),
        document("task", "a.b", when, f"{mark} 3", level="error", process={"pid": 41}),
        document("task", "a.b", when, f"{mark} 4", level="info", process={"pid": 42}, client={"ip": "203.0.113.0"}),
    )

    def numbers(**parameters: Any) -> set[str]:
        return {text[-1] for text in messages(get(staff, q=mark, **parameters))}

    assert numbers() == {"1", "2", "3", "4"}
    assert numbers(category=["http", "auth"]) == {"1", "2"}
    assert numbers(level=["error", "warning"]) == {"1", "2", "3"}
    assert numbers(category="task", level="error") == {"3"}
    assert numbers(trace=trace["trace"]["id"]) == {"1", "2"}
    assert numbers(filter="process.pid:42") == {"4"}
    assert numbers(filter=["-process.pid:42", "-log.level:warning"]) == {"1", "3"}
    assert numbers(filter="client.ip:203.0.113.0") == {"4"}


def test_the_range_holds_its_beginning_and_not_its_end(plant: Plant, staff: Client, mark: str):
    """Bars and ranges that meet share no event and lose none."""
    edge = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
    plant(*(document("http", "a.b", edge + timedelta(microseconds=n), f"{mark} {n}") for n in (-1, 0, 1)))

    def numbers(start: str, end: str) -> set[str]:
        return {text.split()[-1] for text in messages(get(staff, q=mark, **{"from": start, "to": end}))}

    assert numbers("2026-01-05T09:00Z", "2026-01-05T10:00Z") == {"-1"}
    assert numbers("2026-01-05T10:00Z", "2026-01-05T11:00Z") == {"0", "1"}


def test_pages_hold_every_event_once(plant: Plant, staff: Client, mark: str):
    """Paging by "Older" shows each event exactly once, also where many share one instant, while new ones come in."""
    when = NOW - timedelta(minutes=2)
    plant(*(document("http", "a.b", when - timedelta(seconds=n // 90), f"{mark} {n}") for n in range(250)))
    response = get(staff, q=mark)
    found = messages(response)
    assert len(found) == 100
    for size in (100, 50):
        plant(document("http", "a.b", datetime.now(UTC), f"{mark} later"))
        response = staff.get(f"/ops/logs/{link(response, 'Older events')}")
        page = messages(response)
        assert len(page) == size
        found += page
    assert "Older events ↓" not in response.content.decode()
    assert sorted(int(text.split()[1]) for text in found) == list(range(250))


def test_the_last_of_ten_thousand_costs_what_the_first_costs(
    plant: Plant, staff: Client, mark: str, monkeypatch: pytest.MonkeyPatch
):
    """Far down the list Elasticsearch is asked once, for as many events and as little counting as at the top."""
    documents = [
        document("http", "a.b", NOW - timedelta(milliseconds=n), f"{mark} {n}", sequence=n) for n in range(10_000)
    ]
    plant(*documents)
    asked: list[dict[str, Any]] = []
    real = stores.ask

    def counting(client: Any, method: str, path: str, **how: Any) -> Any:
        asked.append(how["body"])
        return real(client, method, path, **how)

    monkeypatch.setattr(stores, "ask", counting)
    parameters = {
        "q": mark,
        "from": (NOW - timedelta(hours=1)).isoformat(),
        "to": (NOW + timedelta(hours=1)).isoformat(),
    }
    first = get(staff, **parameters)
    before = documents[9_899]
    place = [before["@timestamp"], before["event"]["sequence"], before["event"]["id"]]
    last = get(staff, **parameters, after=pack(place))
    assert messages(first) == [f"{mark} {n}" for n in range(100)]
    assert messages(last) == [f"{mark} {n}" for n in range(9_900, 10_000)]
    assert "That is all in this time" in last.content.decode()
    assert "10,000 events" in last.content.decode()
    top, bottom = asked
    assert bottom.pop("search_after") == place
    assert bottom == top
    assert (top["size"], top["track_total_hits"], "from" in top) == (101, False, False)


def test_the_histogram_counts_exactly(plant: Plant, staff: Client, mark: str):
    """The bars add up to the events there are, by level, and the width of a bar is said."""
    plant(
        *(document("http", "a.b", NOW - timedelta(minutes=3, seconds=n), mark) for n in range(120)),
        *(document("auth", "a.b", NOW - timedelta(minutes=9), mark, level="error") for _ in range(7)),
    )
    text = get(staff, q=mark).content.decode()
    assert "127 events" in text
    assert "one bar = 10 s" in text
    assert re.findall(r"</i>(\w+) (\d+)", text) == [("error", "7"), ("info", "120")]
    titles = re.findall(r"<title>[^<]*?: (\d+)\n?", text)
    assert sum(map(int, titles)) == 127
    assert len(titles) in (90, 91)


def test_a_bar_leads_to_its_own_time(plant: Plant, staff: Client, mark: str):
    """A click on a bar shows its events and no others."""
    at = datetime(2026, 1, 6, 10, 0, 5, tzinfo=UTC)
    plant(*(document("http", "a.b", at + timedelta(minutes=n), f"{mark} {n}") for n in range(3)))
    response = get(staff, q=mark, **{"from": "2026-01-06T10:00Z", "to": "2026-01-06T11:00Z"})
    bar = re.search(r'href="([^"]+)"[^>]*><title>2026-01-06 10:01:00', response.content.decode())
    assert bar
    assert messages(staff.get(f"/ops/logs/{unescape(bar[1])}")) == [f"{mark} 1"]


def test_nothing_found_says_what_to_do(console: dict, staff: Client, mark: str):
    """An empty result explains what is searched and offers wider ranges."""
    text = get(staff, q=mark).content.decode()
    assert "No events in the last 15 minutes" in text
    assert "Show everything in this time" in text
    assert "last 24 hours" in text
    assert "last 5 minutes</a>" not in text


def test_before_set_up_the_page_says_so(console: dict, staff: Client, settings: Any):
    """Without any data stream the cure is named, not an empty list shown."""
    settings.LOGGING_PIPELINE = {**console, "namespace": "never_set_up"}
    response = get(staff)
    assert response.status_code == 200
    assert "logpipe setup" in response.content.decode()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"q": "x" * 2_001}, "2,001 characters are too long"),
        ({"column": "<b>"}, "&#x27;&lt;b&gt;&#x27; can be no column"),
        ({"from": "tomorrow"}, "&#x27;tomorrow&#x27; is not a time"),
        ({"category": "<script>"}, "there is no category &#x27;&lt;script&gt;"),
        ({"filter": "_index:logs-*"}, "the contract has no field"),
        ({"after": "e30"}, "is no place in a list of events"),
        ({"level": "loud"}, "Choose from debug, info"),
    ],
)
def test_a_bad_link_gets_a_clear_answer(console: dict, staff: Client, parameters: dict, message: str):
    """A parameter that cannot be used is 400 with the problem and its cure, and the page stays usable."""
    response = get(staff, **parameters)
    assert response.status_code == 400
    assert message in response.content.decode()
    assert 'type="search"' in response.content.decode()


@pytest.mark.parametrize("page", ["logs", "errors"])
def test_what_is_not_wrong_stays(console: dict, staff: Client, page: str):
    """Who mends a search keeps its range, its categories and its filters; only what is wrong is gone."""
    asked = {
        "q": "log.level: (error",
        "from": "now-4h",
        "category": "http",
        "filter": ["process.pid:7"],
        "level": "loud",
    }
    response = staff.get(f"/ops/{page}/", asked)
    search = response.context["search"]
    assert response.status_code == 400
    assert (search.text, search.time.start_text, search.categories) == ("log.level: (error", "now-4h", ("http",))
    assert [str(each) for each in search.filters] == ["process.pid:7"]
    assert search.levels == ()
    later = staff.get(f"/ops/{page}/", {"from": "now", "category": "task"}).context["search"]
    assert later.time.end > later.time.start


@pytest.mark.parametrize(
    "text", ["\x00", "\ud7ff\U0010ffff", "'; DROP", "\u202e", "AND OR NOT", "a" * 500, "{}[]", "%", "+-&&||!(){}^~*?:/"]
)
def test_no_text_breaks_the_search(console: dict, staff: Client, text: str):
    """Any text is searched for, or refused with its place; between quotation marks any is searched for."""
    assert get(staff, q=text).status_code in (200, 400)
    assert get(staff, q=f'"{text}"').status_code == 200


def test_the_most_that_can_be_asked_is_answered(console: dict, staff: Client):
    """As many words as are allowed and twenty filters are within what Elasticsearch takes."""
    words = " ".join(f"word{n}" for n in range(24))
    filters = [f"process.pid:{n}" for n in range(20)]
    assert get(staff, q=words, filter=filters, **{"from": "1970-01-01", "to": "2261-12-31"}).status_code == 200


def test_times_are_shown_and_read_in_the_viewers_zone(plant: Plant, staff: Client, mark: str, settings: Any):
    """In another zone the page names it, shows local times, and reads typed times as local."""
    settings.TIME_ZONE = "Asia/Kolkata"
    plant(document("http", "a.b", datetime(2026, 1, 7, 10, 0, tzinfo=UTC), mark))
    response = get(staff, q=mark, **{"from": "2026-01-07T15:29", "to": "2026-01-07T15:31"})
    text = response.content.decode()
    assert messages(response) == [mark]
    assert "Asia/Kolkata" in text
    assert ">15:30:00.000</time>" in text


def test_the_shell_links_only_to_what_is_there(console: dict, person: Person):
    """The navigation has the pages that exist and are open to the viewer; the console's address leads to the first."""
    client = person("http")
    assert client.get("/ops/").headers["Location"] == "/ops/logs/"
    navigation = re.search(r'<nav aria-label="Pages">(.*?)</nav>', get(client).content.decode(), re.DOTALL)
    assert navigation
    assert re.findall(r'href="([^"]+)"', navigation[1]) == ["/ops/logs/"]
