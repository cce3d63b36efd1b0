"""Who may see what."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client

from logging_pipeline.contract import contract
from tests.console.conftest import Person, Plant
from tests.console.events import document, journey

pytestmark = [pytest.mark.stack, pytest.mark.django_db(databases="__all__")]

PAGES = ["/ops/", "/ops/logs/", "/ops/logs/event/?id=x", "/ops/logs/event/around/?id=x", "/ops/logs/trace/?id=x"]


@pytest.mark.parametrize("url", PAGES)
def test_strangers_are_sent_to_the_log_in_page(console: dict, url: str):
    """Whoever is not logged in comes back after logging in."""
    response = Client().get(url)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/log-in/?next={quote(url)}"


@pytest.mark.parametrize("url", PAGES)
@pytest.mark.parametrize("person_is", [{"staff": False}, {"view": False}, {"staff": False, "superuser": True}])
def test_others_are_refused(console: dict, person: Person, url: str, person_is: dict[str, bool]):
    """A customer, or staff without the permission, gets 403 that names it; no page asks Elasticsearch for them."""
    response = person("http", **person_is).get(url)
    assert response.status_code == 403
    assert "logpipe_console.view_logs" in response.content.decode()


@pytest.fixture
def trail(plant: Plant) -> dict[str, Any]:
    """One trace with an http, a task, a system and an audit event."""
    trace = secrets.token_hex(16)
    documents = journey(datetime.now(UTC), trace=trace)
    plant(*documents)
    ids = {found["data_stream"]["dataset"].removeprefix("shop."): found["event"]["id"] for found in documents}
    return {"trace": trace, "ids": ids}


def test_without_the_permission_audit_events_cannot_be_seen(trail: dict[str, Any], person: Person):
    """Not in the list, by a search, a filter, the event's id, the events around another, the trace, or the bars."""
    client = person("http", "task", "system", "auth")
    trace, ids = trail["trace"], trail["ids"]
    secret = ids["audit"]
    http = quote(ids["http"])
    urls = [
        "/ops/logs/?from=now-1h&to=2100-01-01",
        f"/ops/logs/?from=now-1h&to=2100-01-01&trace={trace}",
        f"/ops/logs/?from=now-1h&to=2100-01-01&filter=event.dataset:shop.audit&filter=trace.id:{trace}",
        f"/ops/logs/event/around/?id={http}",
        f"/ops/logs/trace/?id={trace}",
    ]
    for url in urls:
        response = client.get(url)
        assert response.status_code == 200, url
        text = response.content.decode()
        assert secret not in text, url
        assert "stock of product 17" not in text, url
    text = client.get(f"/ops/logs/?from=now-1h&to=2100-01-01&trace={trace}").content.decode()
    assert re.search(r"3 events", text)
    for way in ("event/", "event/around/"):
        response = client.get(f"/ops/logs/{way}?id={quote(secret)}")
        assert response.status_code == 404
    asked = client.get("/ops/logs/?category=audit")
    assert asked.status_code == 403
    assert "logpipe_console.view_category_audit" in asked.content.decode()
    assert ">audit</a>" not in client.get("/ops/logs/").content.decode()


def test_with_the_permission_they_can(trail: dict[str, Any], person: Person):
    """The permission opens the category everywhere: so the test above fails for the right reason."""
    client = person("audit")
    secret = quote(trail["ids"]["audit"])
    for url in (f"logs/?from=now-1h&to=2100-01-01&trace={trail['trace']}", f"logs/event/?id={secret}"):
        assert "stock of product 17" in client.get(f"/ops/{url}").content.decode()
    trace = client.get(f"/ops/logs/trace/?id={trail['trace']}").content.decode()
    assert "stock of product 17" in trace
    assert "POST /checkout/" not in trace


def test_an_event_of_a_closed_category_looks_like_none(trail: dict[str, Any], person: Person):
    """The answer does not tell whether the event exists."""
    client = person("http")
    closed = client.get(f"/ops/logs/event/?id={quote(trail['ids']['audit'])}")
    absent = client.get(f"/ops/logs/event/?id={quote(trail['ids']['audit'][:-1])}9")

    def without_ids(response: Any) -> str:
        text = re.sub(r'csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())
        return re.sub(r"[0-9a-f]{32}-audit-\d+", "", text)

    assert (closed.status_code, without_ids(closed)) == (absent.status_code, without_ids(absent))


def test_refused_and_discarded_events_have_permissions_of_their_own(plant: Plant, person: Person):
    """They may be of any category: nobody sees them by a category's permission, and nobody by accident."""
    now, mark = datetime.now(UTC), f"m{secrets.token_hex(6)}"
    refused = document("dead_letter", "", now, f"was refused {mark}", dead_letter={"reason": "too_large"})
    plant(refused, document("discarded", "http.request", now, f"put aside {mark}"))
    times = "from=now-1h&to=2100-01-01"
    everybody = person(*contract().by_name)
    for category in ("dead_letter", "discarded"):
        answer = everybody.get(f"/ops/logs/?category={category}")
        assert answer.status_code == 403
        assert f"logpipe_console.view_category_{category}" in answer.content.decode()
    assert everybody.get(f"/ops/logs/event/?id={refused['event']['id']}").status_code == 404
    client = person("http", "dead_letter")
    for phrase in ("was refused", "put aside"):
        assert f"{phrase} {mark}" not in client.get(f"/ops/logs/?{times}&q={mark}").content.decode()
    found = client.get(f"/ops/logs/?{times}&category=dead_letter&filter=dead_letter.reason:too_large")
    assert f"was refused {mark}" in found.content.decode()
    assert client.get(f"/ops/logs/event/?id={refused['event']['id']}").status_code == 200
    assert client.get("/ops/logs/?category=discarded").status_code == 403


def test_without_any_category_the_page_says_what_is_missing(console: dict, person: Person):
    """Staff who may open the page and see no category read which permission to ask for."""
    response = person().get("/ops/logs/")
    assert response.status_code == 200
    assert "logpipe_console.view_category_http" in response.content.decode()


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_every_category_of_the_contract_has_its_permission():
    """After ``migrate``, and after ``flush``, each category can be granted; doing it twice makes none twice."""
    call_command("migrate", verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    found = Permission.objects.filter(content_type__app_label="logpipe_console").values_list("codename", flat=True)
    categories = {f"view_category_{name}" for name in (*contract().by_name, "dead_letter", "discarded")}
    pages = {name for name in found if not name.startswith("view_category_")}
    assert set(found) - pages == categories
    assert {"view_logs", "view_tail", "view_pipeline"} <= pages
    assert len(set(found)) == len(found)
