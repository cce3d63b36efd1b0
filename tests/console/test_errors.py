"""Error groups, on a real Elasticsearch."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from logging_pipeline.console import error_groups
from logging_pipeline.console import store as stores
from logging_pipeline.console.decision import Decision
from logging_pipeline.console.views.errors import PAGE_GROUPS
from logging_pipeline.pytest_plugin import LoggedEvents
from tests.console.conftest import Person, Plant
from tests.console.events import Document, document

pytestmark = [pytest.mark.stack, pytest.mark.django_db(databases="__all__")]

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def kind() -> str:
    """An exception's class that no other test's events have."""
    return f"Fault{secrets.token_hex(5)}"


def failure(
    kind: str,
    time: datetime,
    *,
    key: str = "",
    user: str = "",
    release: str = "1.0",
    category: str = "http",
    **more: Any,
) -> Document:
    """An event of an error; its group is *kind* with *key*."""
    error = {
        "type": kind,
        "message": f"{kind} broke",
        "grouping_key": kind + key,
        "stack_trace": f"Traceback of {kind}",
    }
    service = {"name": "shop-web", "version": release}
    return document(
        category,
        "http.request",
        time,
        level="error",
        error=error,
        service=service,
        **({"user": {"hash": user}} if user else {}),
        **more,
    )


def get(client: Client, **parameters: Any) -> Any:
    return client.get(f"/ops/errors/?{urlencode(parameters, doseq=True)}")


def shown(response: Any) -> list[dict[str, str]]:
    """The rows of the list: type, message, events, users, state and releases."""
    assert response.status_code == 200, response.content.decode()
    rows = re.findall(r"<tr>\s*<td class=\"what\">(.*?)</tr>", response.content.decode(), re.DOTALL)
    found = []
    for row in rows:
        state = re.search(r'<span class="state [^"]*"[^>]*>(.*?)</span>', row)
        found.append(
            {
                "type": re.findall(r'class="type"[^>]*>(.*?)</a>', row)[0],
                "message": re.findall(r'class="said">(.*?)</span>', row)[0],
                "events": re.findall(r'data-title="Events">(.*?)</td>', row)[0],
                "users": re.findall(r'data-title="Users">(.*?)</td>', row)[0],
                "first": re.findall(r'data-title="First seen"><time datetime="(.*?)"', row)[0],
                "last": re.findall(r'data-title="Last seen"><time datetime="(.*?)"', row)[0],
                "state": state[1] if state else "open",
                "releases": re.findall(r"<span>(.*?)</span>", row.partition('data-title="Releases">')[2]),
            }
        )
    return found


def decide(client: Client, key: str, action: str, **more: str) -> Any:
    return client.post("/ops/errors/decide/", {"id": key, "action": action, **more})


def state(client: Client, kind: str) -> str:
    (row,) = shown(get(client, q=f"error.type: {kind}", state="all"))
    return row["state"]


def test_a_group_is_counted_in_the_range_and_first_seen_beyond_it(plant: Plant, staff: Client, kind: str):
    """Events, users and the line are those of the range; first seen is the oldest that is kept."""
    first = NOW - timedelta(days=20)
    plant(
        failure(kind, first, release="0.9", user="u0"),
        failure(kind, NOW - 3 * HOUR, user="u1"),
        failure(kind, NOW - 2 * HOUR, user="u1"),
        failure(kind, NOW - HOUR, user="u2", release="1.1", category="task"),
    )
    (row,) = shown(get(staff, q=f"error.type: {kind}"))
    assert (row["type"], row["message"], row["events"], row["users"]) == (kind, f"{kind} broke", "3", "2")
    assert row["releases"] == ["1.1", "1.0", "0.9"]
    assert abs(datetime.fromisoformat(row["first"]) - first) < timedelta(milliseconds=2)
    assert abs(datetime.fromisoformat(row["last"]) - (NOW - HOUR)) < timedelta(milliseconds=2)
    assert row["state"] == "open"
    fresh = f"{kind}Fresh"
    plant(failure(fresh, NOW - HOUR))
    assert [found["state"] for found in shown(get(staff, q=f"error.type: {fresh}"))] == ["new"]


def test_orders_and_searches(plant: Plant, staff: Client, kind: str):
    """By last seen, events or users; by type, words, or any field; a narrow search leaves first seen true."""
    plant(
        *(failure(f"{kind}Many", NOW - timedelta(minutes=30 + n), user="one") for n in range(5)),
        *(failure(f"{kind}Wide", NOW - timedelta(minutes=20 + n), user=f"u{n}") for n in range(3)),
        failure(f"{kind}Late", NOW - timedelta(minutes=1), http={"route": "late/"}),
        failure(f"{kind}Late", NOW - timedelta(days=3)),
    )
    mine = f"error.type: {kind}*"

    def order(**parameters: str) -> list[str]:
        return [row["type"].removeprefix(kind) for row in shown(get(staff, **{"q": mine, **parameters}))]

    assert order() == order(sort="newest") == ["Late", "Wide", "Many"]
    assert order(sort="most") == ["Many", "Wide", "Late"]
    assert order(sort="users")[:2] == ["Wide", "Many"]
    assert order(q=f"{kind}Wide") == ["Wide"]
    assert order(q=f'"{kind}Many broke"') == ["Many"]
    (late,) = shown(get(staff, q=f"{mine} and http.route: late/"))
    assert datetime.fromisoformat(late["first"]) < NOW - timedelta(days=2)


def test_resolved_ignored_and_back(plant: Plant, staff: Client, kind: str):
    """A resolved group is open again when it fails again; an ignored one stays away; reopening takes it back."""
    plant(failure(kind, NOW - HOUR))
    only = {"q": f"error.type: {kind}"}
    assert state(staff, kind) in ("open", "new")
    answer = decide(staff, kind, "resolve", release=" 2.0 ")
    assert answer.headers["Location"] == f"/ops/errors/group/?id={kind}"
    assert shown(get(staff, **only)) == []
    assert [row["state"] for row in shown(get(staff, **only, state="resolved"))] == ["resolved"]
    decision = Decision.objects.get(key=kind)
    assert (decision.release, decision.older_releases, decision.kind) == ("2.0", ["1.0"], "resolved")
    text = staff.get(f"/ops/errors/group/?id={kind}").content.decode()
    assert f"Resolved by <strong>{decision.by_name}</strong>" in text
    assert "in release <strong>2.0</strong>" in text
    plant(failure(kind, datetime.now(UTC), release="1.0"))
    assert state(staff, kind) == "resolved", "the old release is still running somewhere"
    plant(failure(kind, datetime.now(UTC), release="2.0"))
    assert [row["state"] for row in shown(get(staff, **only))] == ["came back"]
    assert "It came back" in staff.get(f"/ops/errors/group/?id={kind}").content.decode()
    decide(staff, kind, "resolve")
    assert state(staff, kind) == "resolved"
    plant(failure(kind, datetime.now(UTC), release="1.0"))
    assert state(staff, kind) == "came back", "without a release any later event brings it back"
    decide(staff, kind, "ignore")
    plant(failure(kind, datetime.now(UTC), release="3.0"))
    assert shown(get(staff, **only)) == []
    assert state(staff, kind) == "ignored"
    decide(staff, kind, "reopen")
    assert [row["events"] for row in shown(get(staff, **only))] == ["5"]
    assert Decision.objects.count() == 0


def test_an_event_from_before_the_decision_does_not_bring_it_back(plant: Plant, staff: Client, kind: str):
    """What happened before and was only stored later is no return."""
    plant(failure(kind, NOW - HOUR))
    decide(staff, kind, "resolve")
    plant(failure(kind, NOW - timedelta(minutes=1)))
    assert state(staff, kind) == "resolved"


def test_each_decision_is_an_audit_event(
    plant: Plant, staff: Client, kind: str, django_capture_on_commit_callbacks: Any, logged_events: LoggedEvents
):
    """Who decides leaves a trace, once it is written."""
    plant(failure(kind, NOW))
    with django_capture_on_commit_callbacks(execute=True):
        decide(staff, kind, "resolve", release="2.0")
        decide(staff, kind, "ignore")
        decide(staff, kind, "reopen")
    decided = [event for event in logged_events if event.get("audit.object.type") == "error_group"]
    found = [(event.name, event["message"], event.get("labels.release")) for event in decided]
    assert found == [
        ("audit.error_resolved", f"error group {kind} resolved", "2.0"),
        ("audit.error_ignored", f"error group {kind} ignored", None),
        ("audit.error_reopened", f"error group {kind} reopened", None),
    ]


def test_who_may_see_and_decide(plant: Plant, person: Person, kind: str):
    """A group shows what lies in open categories; deciding takes a permission, and a group that one can see."""
    plant(
        failure(kind, NOW - HOUR, category="http"),
        failure(kind, NOW, category="auth", user="secret"),
        failure(f"{kind}Closed", NOW, category="auth"),
    )
    viewer = person("http", view=False, may=("view_errors",))
    rows = shown(get(viewer, q=f"error.type: {kind}*"))
    assert [(row["type"], row["events"], row["users"]) for row in rows] == [(kind, "1", "0")]
    assert viewer.get(f"/ops/errors/group/?id={kind}Closed").status_code == 404
    assert get(viewer, category="auth").status_code == 403
    assert decide(viewer, kind, "resolve").status_code == 403
    assert 'value="resolve"' not in viewer.get(f"/ops/errors/group/?id={kind}").content.decode()
    assert "/ops/logs/" not in viewer.get(f"/ops/errors/group/?id={kind}").content.decode()
    resolver = person("http", view=False, may=("view_errors", "resolve_errors"))
    assert decide(resolver, f"{kind}Closed", "resolve").status_code == 404
    assert decide(resolver, kind, "resolve").status_code == 302
    assert decide(person("http", view=False, may=("resolve_errors",)), kind, "ignore").status_code == 404
    assert get(person("http")).status_code == 403
    assert viewer.get("/ops/logs/").status_code == 403
    assert shown(get(person(view=False, may=("view_errors",)))) == []


def test_a_group_leads_to_its_events_and_trace(plant: Plant, staff: Client, kind: str):
    """The page of a group has the stack trace, its newest events and the ways on; an old group is found too."""
    trace = secrets.token_hex(16)
    plant(failure(kind, NOW, trace={"id": trace}), failure(f"{kind}Old", NOW - timedelta(days=25)))
    text = staff.get(f"/ops/errors/group/?id={kind}").content.decode()
    assert f"Traceback of {kind}" in text
    assert f"/ops/logs/trace/?id={trace}" in text
    (events,) = re.findall(r'href="(/ops/logs/\?filter=error.grouping_key[^"]*)"', text)
    assert kind in staff.get(unescape(events)).content.decode()
    assert f"{kind}Old broke" in staff.get(f"/ops/errors/group/?id={kind}Old").content.decode()
    event = re.search(r'class="open" href="([^"]+)"', text)
    assert event
    assert f"/ops/errors/group/?id={kind}" in unescape(staff.get(unescape(event[1])).content.decode())


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"sort": "loudest"}, "there is no sort &#x27;loudest&#x27;"),
        ({"state": "x"}, "there is no state"),
        ({"page": "0"}, "&#x27;0&#x27; is no page"),
        ({"page": "²"}, "is no page"),
        ({"from": "soon"}, "is not a time"),
        ({"q": "error.typ: x"}, "Did you mean error.type?"),
    ],
)
def test_a_bad_address_is_answered_with_its_cure(console: dict, staff: Client, parameters: dict, message: str):
    """What cannot be used is 400, named, and the page stays usable."""
    response = get(staff, **parameters)
    assert response.status_code == 400
    assert message in response.content.decode()
    assert 'type="search"' in response.content.decode()


def test_hostile_errors_are_only_ever_text(plant: Plant, staff: Client, kind: str):
    """Markup, terminal escapes and direction overrides in type, message, release or trace reach no page as such."""
    hostile = f"{kind}<script>alert(1)</script>\"'><img src=x>\x1b[2J\u202egnp{'!' * 20}"
    error = {"type": hostile, "message": hostile, "grouping_key": hostile, "stack_trace": hostile * 9}
    plant(
        document(
            "system", hostile, NOW, hostile, level="error", error=error, service={"name": hostile, "version": hostile}
        )
    )
    for url in (
        f"/ops/errors/?{urlencode({'q': kind + '*'})}",
        f"/ops/errors/group/?{urlencode({'id': hostile})}",
    ):
        response = staff.get(url)
        assert response.status_code == 200
        text = re.sub(r'value="[^"]*"', "", response.content.decode())
        assert kind in text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert decide(staff, hostile, "resolve").status_code == 400
    assert Decision.objects.count() == 0


def test_what_is_no_decision_is_refused(plant: Plant, staff: Client, kind: str):
    """An action, a release or a group that is none: nothing is written."""
    plant(failure(kind, NOW))
    assert decide(staff, kind, "explode").status_code == 400
    assert decide(staff, kind, "resolve", release="x" * 201).status_code == 400
    assert decide(staff, "nothing", "resolve").status_code == 404
    assert staff.get("/ops/errors/decide/").status_code == 405
    assert Decision.objects.count() == 0


def test_all_groups_can_be_paged_through(plant: Plant, staff: Client, kind: str):
    """Every group is on one page, in order, with its place; what happens meanwhile moves no group to another page."""
    plant(*(failure(kind, NOW - timedelta(minutes=n + 1), key=f"{n:03}") for n in range(2 * PAGE_GROUPS + 7)))
    expected = [f"{kind}{n:03}" for n in range(2 * PAGE_GROUPS + 7)]
    found: list[str] = []
    places = []
    response = get(staff, q=f"error.type: {kind}")
    while True:
        text = response.content.decode()
        found += re.findall(r'class="type" href="[^"]*\?id=(\w+)', text)
        places += re.findall(r"<span>([0-9,]+ \u2013 [0-9,]+ of [0-9,]+ open groups)</span>", text)
        older = re.search(r'rel="next" href="([^"]+)"', text)
        if not older:
            break
        plant(failure(kind, datetime.now(UTC), key=f"new{len(places)}"))
        response = staff.get(f"/ops/errors/{unescape(older[1])}")
    assert found == expected
    assert places == [f"{place} of 107 open groups" for place in ("1 \u2013 50", "51 \u2013 100", "101 \u2013 107")]
    before = re.search(r'rel="prev" href="([^"]+)"', text)
    assert before
    assert f"{kind}050" in staff.get(f"/ops/errors/{unescape(before[1])}").content.decode()
    beyond = get(staff, q=f"error.type: {kind}", page=99)
    assert [row["type"] for row in shown(beyond)] == [kind] * 9, "beyond the last page is the last page"


def test_a_group_of_any_place_is_found_by_its_state(plant: Plant, staff: Client, kind: str):
    """Numbers beside the states count all groups; one that was resolved shows up however many fail more often."""
    plant(*(failure(kind, NOW - timedelta(minutes=n + 1), key=f"{n:03}") for n in range(PAGE_GROUPS + 10)))
    last, older = f"{kind}{PAGE_GROUPS + 9:03}", f"{kind}{PAGE_GROUPS + 8:03}"
    decide(staff, last, "resolve")
    decide(staff, older, "resolve")
    decide(staff, f"{kind}{PAGE_GROUPS + 7:03}", "ignore")
    plant(failure(kind, datetime.now(UTC), key=older.removeprefix(kind)))
    only = {"q": f"error.type: {kind}"}
    resolved = get(staff, **only, state="resolved")
    assert last in resolved.content.decode()
    assert [row["state"] for row in shown(resolved)] == ["resolved"]
    counts = re.findall(r">(Open|Resolved|Ignored|All) <span class=\"number\">(\d+)</span>", resolved.content.decode())
    assert counts == [("Open", "58"), ("Resolved", "1"), ("Ignored", "1"), ("All", "60")]
    newest = shown(get(staff, **only))[0]
    assert (newest["type"], newest["state"]) == (kind, "came back")


def test_more_groups_than_are_listed(plant: Plant, staff: Client, kind: str, monkeypatch: pytest.MonkeyPatch):
    """When even the list of keys has an end, the page says what it shows, and of about how many."""
    monkeypatch.setattr(error_groups, "MAX_GROUPS", 5)
    plant(*(failure(kind, NOW - timedelta(minutes=n), key=str(n)) for n in range(9)))
    response = get(staff, q=f"error.type: {kind}")
    assert len(shown(response)) == 5
    assert "The first 5 of about 9 groups in this order" in response.content.decode()
    assert "1 \u2013 5 of 5 open groups" in response.content.decode()


def test_a_page_is_few_requests(plant: Plant, staff: Client, kind: str, monkeypatch: pytest.MonkeyPatch):
    """However many groups there are, a list is two requests, three with decisions; a group's page is one."""
    plant(*(failure(kind, NOW, key=str(n)) for n in range(12)))
    asked: list[str] = []
    real = stores.ask

    def counting(client: Any, method: str, path: str, **how: Any) -> Any:
        asked.append(path.rpartition("/")[2])
        return real(client, method, path, **how)

    monkeypatch.setattr(stores, "ask", counting)
    assert len(shown(get(staff, q=f"error.type: {kind}"))) == 12
    assert asked == ["_search", "_search"]
    asked.clear()
    staff.get(f"/ops/errors/group/?id={kind}3")
    assert asked == ["_msearch"]
    decide(staff, f"{kind}3", "resolve")
    decide(staff, f"{kind}4", "resolve")
    asked.clear()
    assert len(shown(get(staff, q=f"error.type: {kind}", state="all"))) == 12
    assert asked == ["_search", "_msearch", "_search"]
