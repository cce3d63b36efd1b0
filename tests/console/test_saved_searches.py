"""Saved searches: kept, shared, renamed, deleted."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client

from logging_pipeline.console import searches
from logging_pipeline.console.saved_search import SavedSearch
from logging_pipeline.pytest_plugin import LoggedEvents
from tests.console.conftest import Person, Plant
from tests.console.events import document

pytestmark = [pytest.mark.stack, pytest.mark.django_db(databases="__all__")]

STATE = "?q=log.level%3A+error&category=http&from=now-4h&to=now&filter=service.name%3Ashop-web&column=message"


def save(client: Client, name: str, state: str = STATE) -> Any:
    return client.post("/ops/logs/searches/", {"name": name, "state": state})


def change(client: Client, saved: SavedSearch, action: str, **more: str) -> Any:
    return client.post(f"/ops/logs/searches/{saved.pk}/", {"action": action, **more})


def listed(client: Client) -> dict[str, str]:
    """Name and address of the searches in the menu."""
    text = client.get("/ops/logs/").content.decode()
    menu = re.search(r'<div class="popup saved">(.*?)</details>\s*<details class="custom menu">', text, re.DOTALL)
    assert menu
    return {unescape(name): unescape(link) for link, name in re.findall(r'<li><a href="([^"]+)">(.*?)</a>', menu[1])}


def test_a_search_is_kept_with_all_its_state(console: dict, staff: Client):
    """Saved under a name, it leads back to query, filters, columns and range; the same name replaces it."""
    assert save(staff, "  my   errors ").headers["Location"] == f"/ops/logs/{STATE}"
    assert listed(staff) == {"my errors": f"/ops/logs/{STATE}"}
    save(staff, "my errors", "?q=other&after=WyIyMDI2LTAzLTAxVDEyOjAwOjAwWiIsMSwiYSJd")
    assert listed(staff) == {"my errors": "/ops/logs/?q=other&from=now-15m&to=now"}
    saved = SavedSearch.objects.get()
    change(staff, saved, "rename", name="errors")
    assert list(listed(staff)) == ["errors"]
    change(staff, saved, "delete")
    assert listed(staff) == {}


def test_sharing_takes_a_permission(console: dict, person: Person):
    """Others see what is shared, and cannot change it; without the permission nothing is shared."""
    owner, other = person("http"), person("auth")
    save(owner, "mine")
    saved = SavedSearch.objects.get()
    assert change(owner, saved, "share").status_code == 403
    assert listed(other) == {}
    sharer = person("http", may=("share_searches",))
    save(sharer, "ours")
    ours = SavedSearch.objects.get(name="ours")
    assert change(sharer, ours, "share").status_code == 302
    assert list(listed(other)) == ["ours"]
    for action in ("rename", "share", "keep", "delete"):
        assert change(other, ours, action, name="theirs").status_code == 404
    assert list(listed(owner)) == ["mine", "ours"]
    change(sharer, ours, "keep")
    assert listed(other) == {}


def test_a_shared_search_shows_each_viewer_what_is_open_to_them(plant: Plant, person: Person):
    """The search of somebody who sees more finds no more for somebody who sees less."""
    mark = f"m{secrets.token_hex(6)}"
    now = datetime.now(UTC)
    plant(document("http", "a.b", now, f"{mark} open"), document("auth", "a.b", now, f"{mark} closed"))
    owner, other = person("http", "auth", may=("share_searches",)), person("http")
    save(owner, "ours", f"?q={mark}&from=now-1h")
    change(owner, SavedSearch.objects.get(), "share")
    link = listed(other)["ours"]
    assert f"{mark} closed" in owner.get(link).content.decode()
    text = other.get(link).content.decode()
    assert f"{mark} open" in text
    assert f"{mark} closed" not in text


@pytest.mark.parametrize(
    ("name", "state", "message"),
    [
        ("", STATE, "needs a name"),
        ("x" * 81, STATE, "1 to 80 characters"),
        ("a\u202eb", STATE, "the character U+202E of it cannot be seen. Write the name without it."),
        ("a", "?q=log.level%3A", "ends too early"),
        ("a", "?from=soon", "is not a time"),
    ],
)
def test_what_is_no_search_is_not_kept(console: dict, staff: Client, name: str, state: str, message: str):
    """A search without a name, or one that cannot be read, is refused with its cure."""
    response = save(staff, name, state)
    assert response.status_code == 400
    assert message in response.content.decode()
    assert SavedSearch.objects.count() == 0


def test_nobody_keeps_without_end(console: dict, staff: Client, monkeypatch: pytest.MonkeyPatch):
    """There are so many searches a person, and one of each name."""
    monkeypatch.setattr(searches, "MAX_SEARCHES", 2)
    save(staff, "a")
    save(staff, "b")
    assert save(staff, "c").status_code == 400
    assert save(staff, "b").status_code == 302
    assert change(staff, SavedSearch.objects.get(name="b"), "rename", name="a").status_code == 400
    assert list(listed(staff)) == ["a", "b"]


def test_a_name_is_only_text(console: dict, person: Person):
    """Markup in a name does nothing in anybody's menu."""
    owner, other = person("http", may=("share_searches",)), person("http")
    save(owner, "<script>alert(1)</script>")
    change(owner, SavedSearch.objects.get(), "share")
    assert "<script>alert" not in other.get("/ops/logs/").content.decode()
    assert list(listed(other)) == ["<script>alert(1)</script>"]


def test_each_change_is_an_audit_event(
    console: dict, staff: Client, django_capture_on_commit_callbacks: Any, logged_events: LoggedEvents
):
    """What was saved, changed, shared or deleted, and by whom, can be read later."""
    with django_capture_on_commit_callbacks(execute=True):
        save(staff, "a")
        saved = SavedSearch.objects.get()
        change(staff, saved, "share")
        change(staff, saved, "rename", name="b")
        change(staff, saved, "delete")
    changed = [event for event in logged_events if event.get("audit.object.type") == "saved_search"]
    found = [(event.name, event["audit.object.id"], event.get("audit.changes")) for event in changed]
    pk = str(saved.pk)
    assert found == [
        ("audit.created", pk, ["name", "state"]),
        ("audit.changed", pk, ["shared"]),
        ("audit.changed", pk, ["name"]),
        ("audit.deleted", pk, None),
    ]


def test_changes_are_posted_with_the_token(console: dict, staff: Client):
    """Nothing is changed by a link."""
    assert staff.get("/ops/logs/searches/").status_code == 405
    save(staff, "a")
    saved = SavedSearch.objects.get()
    assert staff.get(f"/ops/logs/searches/{saved.pk}/").status_code == 405
    assert change(staff, saved, "explode").status_code == 400
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = staff.cookies
    assert change(strict, saved, "delete").status_code == 403
    assert SavedSearch.objects.count() == 1
