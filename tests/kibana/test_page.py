"""The staff page: who may come in, what is shown before anything is written, and what each step leaves behind."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from logging_pipeline.console.views import imports as views
from logging_pipeline.contract import contract
from logging_pipeline.kibana.saved_objects import ndjson
from logging_pipeline.pytest_plugin import LoggedEvents
from tests.console.conftest import mount
from tests.kibana.conftest import Item
from tests.kibana.stand_in import API_KEY, StandIn

pytestmark = pytest.mark.django_db(databases="__all__")

PAGE = "/ops/kibana/"
Staff = Callable[..., Client]


@pytest.fixture
def project(settings: Any, stand_in: StandIn, tmp_path: Path, objects: list[Item]) -> Path:
    """The console in its small project, with a stand-in for Kibana and a folder of built versions."""
    built = tmp_path / "built"
    built.mkdir()
    (built / "dashboards.ndjson").write_text(ndjson(objects), encoding="utf-8")
    pipeline = {
        "kibana_url": f"staging={stand_in.url}",
        "kibana_api_key": f"staging={API_KEY}",
        "kibana_dir": str(built),
        "state_dir": str(tmp_path / "state"),
    }
    mount(settings, pipeline)
    return tmp_path


@pytest.fixture
def staff(db: None) -> Staff:
    """Makes an account with the permission, and returns a client that is logged in."""

    def make(*, granted: bool = True, **client: Any) -> Client:
        user = get_user_model()(is_staff=True, is_active=True)
        setattr(user, user.USERNAME_FIELD, f"{secrets.token_hex(4)}@example.com")
        user.set_unusable_password()
        user.save()
        if granted:
            user.user_permissions.add(Permission.objects.get(codename="import_dashboards"))
        found = Client(**client)
        found.force_login(user)
        return found

    return make


def bring(client: Client, objects: list[Item] | None = None, *, name: str = "mine.ndjson", **form: Any) -> Any:
    """Send the first form: with *objects* as a file, else with the built version."""
    fields: dict[str, Any] = {"place": "staging/default", "built": "dashboards.ndjson", **form}
    if objects is not None:
        fields["file"] = SimpleUploadedFile(name, ndjson(objects).encode())
    return client.post(PAGE, fields)


def text_of(response: Any) -> str:
    return unescape(re.sub(r"<[^>]+>", "", response.content.decode()))


def digest_in(response: Any) -> str:
    return re.search(r'name="digest" value="([0-9a-f]+)"', response.content.decode())[1]


def test_who_may_come_in(project: Path, staff: Staff):
    """Strangers log in first, staff without the permission read which one it is; nobody asks Kibana for them."""
    assert Client().get(PAGE).status_code == 302
    for way in ("", "review/?draft=x", "backup/?target=staging&space=default&id=x"):
        refused = staff(granted=False).get(PAGE + way)
        assert refused.status_code == 403
        assert "logpipe_console.import_dashboards" in refused.content.decode()


def test_upload_difference_import_rollback(project: Path, stand_in: StandIn, staff: Staff, logged_events: LoggedEvents):
    """The whole way, with an audit event for each step; nothing is written before the second form."""
    client = staff()
    brought = bring(client)
    assert stand_in.written() == []
    seen = client.get(brought.url)
    assert "new Page dashboard page" in " ".join(text_of(seen).split())
    done = client.post(brought.url, {"digest": digest_in(seen), "do": "import"})
    assert len(stand_in.store.items("default")) == 4
    result = client.get(done.url)
    assert "4 objects that it made are removed" in text_of(result)
    client.post(done.url, {"digest": digest_in(result)})
    assert stand_in.store.items("default") == []
    steps = ("uploaded", "compared", "imported", "rolled_back")
    for step in steps:
        event = logged_events.one(f"audit.dashboards_{step}")
        assert (event["event.outcome"], event["audit.object.id"]) == ("success", "staging/default")
        assert event["data_stream.dataset"].endswith(".audit")
        assert event.name in contract().events
    assert "dashboard:page" in event["audit.changes"]


def test_values_that_change_are_shown(project: Path, stand_in: StandIn, staff: Staff, objects: list[Item]):
    """By their place inside the text that holds them, before and after."""
    for each in objects:
        stand_in.store.put("default", each)
    panels = json.loads(objects[3]["attributes"]["panelsJSON"])
    panels[0]["gridData"]["h"] = 99
    objects[3]["attributes"]["panelsJSON"] = json.dumps(panels)

    client = staff()
    shown = text_of(client.get(bring(client, objects).url))

    assert re.search(r"panelsJSON\[p1\]\.gridData\.h\s*10\s*99", shown)
    assert "3 other objects of the file are the same there." in shown


def test_sent_twice(project: Path, stand_in: StandIn, staff: Staff):
    """The second sending imports nothing and leads to what the first one did."""
    client = staff()
    url = bring(client).url
    form = {"digest": digest_in(client.get(url)), "do": "import"}

    first, second = client.post(url, form), client.post(url, form)

    assert first.url == second.url
    assert sum(each.endswith("_import") for each in stand_in.requests) == 1


def test_sent_twice_at_once(project: Path, stand_in: StandIn, staff: Staff):
    """While the first is on its way the second is told so."""
    client = staff()
    url = bring(client).url
    form = {"digest": digest_in(client.get(url)), "do": "import"}
    (taken,) = (project / "state" / "kibana" / "drafts").iterdir()
    (taken / "file.ndjson").rename(taken / "taken.ndjson")  # as the first one does

    answer = client.post(url, form)

    assert answer.status_code == 409
    assert "It is being imported" in text_of(answer)
    assert stand_in.written() == []


def test_a_space_that_changed(project: Path, stand_in: StandIn, staff: Staff, objects: list[Item]):
    """What was not shown is not overwritten: the new difference is shown instead, and can be imported."""
    for each in objects:
        stand_in.store.put("default", each)
    objects[3]["attributes"]["title"] = "Ours"
    client = staff()
    url = bring(client, objects).url
    digest = digest_in(client.get(url))
    stand_in.store.edit("default", ("dashboard", "page"), lambda a: a.update(title="Theirs"))

    refused = client.post(url, {"digest": digest, "do": "import"})

    assert refused.status_code == 409
    assert "has changed since the difference was shown" in text_of(refused)
    assert '"Theirs"' in text_of(refused)
    assert client.post(url, {"digest": digest_in(refused), "do": "import"}).status_code == 302
    assert stand_in.store.get("default", ("dashboard", "page"))["attributes"]["title"] == "Ours"


def test_what_is_wrong_with_a_file(project: Path, staff: Staff, objects: list[Item], logged_events: LoggedEvents):
    """By line, escaped, with status 400; nothing is kept, and the refusal is an audit event."""
    objects[3]["id"] = "<script>alert(1)</script>"
    objects[3]["attributes"]["panelsJSON"] = "[{"
    answer = bring(staff(), objects)
    assert answer.status_code == 400
    assert "<script>alert" not in answer.content.decode()
    assert "line 4: dashboard <script>alert(1)</script>: attributes.panelsJSON: is not JSON" in text_of(answer)
    assert logged_events.one("audit.dashboards_uploaded")["event.reason"] == "invalid"
    assert not (project / "state" / "kibana" / "drafts").exists()


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"place": "staging/nowhere"}, "Choose a space"),
        ({"place": "https://evil.example/default"}, "Choose a space"),
        ({"built": "../../../etc/passwd"}, "Choose a built version"),
        ({"name": "mine.json"}, "files that end in .ndjson"),
    ],
)
def test_only_what_is_offered(project: Path, staff: Staff, objects: list[Item], form: dict[str, str], says: str):
    """No typed address, no path, no other kind of file."""
    answer = bring(staff(), objects if "name" in form else None, **form)
    assert answer.status_code == 400
    assert says in text_of(answer)


def test_vega_and_addresses_are_refused(project: Path, staff: Staff, objects: list[Item]):
    """Named, with the object that holds them."""
    vega = {"type": "vega", "params": {"spec": "{}"}, "aggs": []}
    objects.append({**objects[0], "id": "v", "type": "visualization", "attributes": {"visState": json.dumps(vega)}})
    objects[3]["attributes"]["description"] = "See [this](https://evil.example/x)"
    shown = text_of(bring(staff(), objects))
    assert "visualization:v" in shown
    assert "Vega can fetch anything from anywhere" in shown
    assert "description: leads to https://evil.example/x" in shown


def test_forged_forms(project: Path, stand_in: StandIn, staff: Staff):
    """Each form that does something needs its token."""
    honest, forged = staff(), staff(enforce_csrf_checks=True)
    assert bring(forged).status_code == 403
    url = bring(honest).url
    for address in (url.replace("http://testserver", ""), f"{PAGE}backup/?target=staging&space=default&id=x"):
        assert forged.post(address, {"digest": "x"}).status_code == 403
    assert stand_in.written() == []


def test_too_large(project: Path, staff: Staff, monkeypatch: pytest.MonkeyPatch, objects: list[Item]):
    """A request beyond the limit is refused by its length, before anything of it is read."""
    monkeypatch.setattr(views, "MAX_REQUEST_BYTES", 500)
    answer = bring(staff(enforce_csrf_checks=True), objects)
    assert answer.status_code == 413
    assert "The file is larger than" in text_of(answer)


def test_drafts_are_ones_own(project: Path, staff: Staff):
    """Somebody else's draft is not found; one's own can be discarded."""
    mine, theirs = staff(), staff()
    url = bring(mine).url
    assert theirs.get(url).status_code == 404
    assert mine.post(url, {"do": "drop"}).url == PAGE
    assert mine.get(url).status_code == 404


def test_kibana_is_away(project: Path, stand_in: StandIn, staff: Staff):
    """The page says so, with the cure; the draft is kept for later."""
    client = staff()
    url = bring(client).url
    stand_in.answers += [("status", 401, b'{"message":"no"}', {})] * 2
    answer = client.get(url)
    assert answer.status_code == 502
    assert "set LOGPIPE_KIBANA_API_KEY" in text_of(answer)
    assert client.get(url).status_code == 502
    assert client.get(url).status_code == 200
    stand_in.answers += [("space", 401, b'{"message":"no"}', {})]
    assert "staging does not say which spaces it has" in text_of(client.get(PAGE))


def test_without_a_kibana(project: Path, settings: Any, staff: Staff):
    """The page names the setting."""
    settings.LOGGING_PIPELINE = {"state_dir": str(project)}
    answer = staff().get(PAGE)
    assert answer.status_code == 200
    assert "LOGPIPE_KIBANA_URL: is not set" in text_of(answer)


def test_missing_references_need_a_word(project: Path, stand_in: StandIn, staff: Staff, objects: list[Item]):
    """They are named, and imported only by somebody who says so."""
    client = staff()
    url = bring(client, objects[2:]).url
    seen = client.get(url)
    assert "dashboard page refers to index-pattern view" in text_of(seen)
    form = {"digest": digest_in(seen), "do": "import"}
    assert client.post(url, form).status_code == 409
    assert stand_in.store.items("default") == []
    assert client.post(url, {**form, "ignore_missing": "yes"}).status_code == 302
    assert stand_in.store.get("default", ("dashboard", "page")) is not None


def test_what_kibana_did_not_take(project: Path, stand_in: StandIn, staff: Staff, logged_events: LoggedEvents):
    """An import that is not whole says so on its page and in its audit event."""
    stand_in.store.newest = {name: n for name, n in stand_in.store.newest.items() if name != "tag"}
    client = staff()
    url = bring(client).url
    done = client.post(url, {"digest": digest_in(client.get(url)), "do": "import"})
    shown = text_of(client.get(done.url))
    assert "failed: tag:logs: this Kibana imports no tag" in shown
    assert logged_events.one("audit.dashboards_imported")["event.outcome"] == "failure"
